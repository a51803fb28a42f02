"""A task: what is known, what is asked, how answers are judged, who competes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.quality.data.place import DataPlace
from benchmarks.quality.judging import Judge
from benchmarks.quality.protocol import Known, Question, System


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public data set, or a shop, after cleaning; what it lacks is empty."""

    products: pl.DataFrame
    """Static facts of products, PRODUCT_COLUMNS."""
    lines: pl.DataFrame
    """Purchase lines in the order of time: EVENT_COLUMNS, and more where a set has more. A shop's hold other events, too."""
    judgements: pl.DataFrame
    """query, product_id, relevance: 1 is irrelevant, and a gain is 2^(relevance - 1) - 1."""


@dataclass(frozen=True, slots=True)
class Task:
    """Ready to be run."""

    known: Known
    questions: Sequence[Question]
    judge: Judge
    peers: Sequence[System]
    depth: int
    """How many products each answer holds at most."""
    buyers: Mapping[str, str] = field(default_factory=dict)
    """By question id, who bought what is right; no system is told. Questions of one buyer are no independent evidence."""

    def askers(self) -> NDArray[np.int64] | None:
        """[questions] for `mean_interval`; None where each is of another, as is a question whose buyer nobody knows."""
        if not self.buyers:
            return None
        number_of = {buyer: number for number, buyer in enumerate(dict.fromkeys(self.buyers.values()))}
        known = [self.buyers.get(one.id) for one in self.questions]
        return np.array(
            [-1 - place if buyer is None else number_of[buyer] for place, buyer in enumerate(known)], dtype=np.int64
        )


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """How a task comes to be. `build` is a function of the data alone, so that a test can give it a changed future."""

    name: str
    title: str
    protocol: str
    """What is asked of whom and how it is judged, for the reader of the report."""
    read: Callable[[DataPlace], Dataset]
    build: Callable[[Dataset], Task]
    frozen_at: datetime | None = None
    """What happens from here on is hidden from every system."""

    def load(self, place: DataPlace) -> Task:
        """Raises DataMissing: the data set is not there."""
        return self.build(self.read(place))
