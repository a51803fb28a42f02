"""Defines a task: what is known, what is asked, how answers are judged, and which systems compete."""

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
    """A public data set or a shop, after cleaning. Frames that it lacks are empty."""

    products: pl.DataFrame
    """PRODUCT_COLUMNS, the static facts of products."""
    lines: pl.DataFrame
    """Purchase lines sorted by time: EVENT_COLUMNS, and further ones if a set has them. A shop also has other events."""
    judgements: pl.DataFrame
    """query, product_id, relevance: 1 is irrelevant, and a gain is 2^(relevance - 1) - 1."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task that is ready to run."""

    known: Known
    questions: Sequence[Question]
    judge: Judge
    peers: Sequence[System]
    depth: int
    """The most products in an answer."""
    buyers: Mapping[str, str] = field(default_factory=dict)
    """By question id, who bought the right products. Systems do not get it. Questions of the same buyer are not independent."""

    def askers(self) -> NDArray[np.int64] | None:
        """[questions]: numbers of buyers, for `mean_interval`; None if all differ. An unknown buyer differs from all others."""
        if not self.buyers:
            return None
        number_of = {buyer: number for number, buyer in enumerate(dict.fromkeys(self.buyers.values()))}
        known = [self.buyers.get(one.id) for one in self.questions]
        return np.array(
            [-1 - place if buyer is None else number_of[buyer] for place, buyer in enumerate(known)], dtype=np.int64
        )


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """How to make a task. `build` depends on the data alone, so that a test can give it a changed future."""

    name: str
    title: str
    protocol: str
    """What is asked for whom and how it is judged, for readers of the report."""
    read: Callable[[DataPlace], Dataset]
    build: Callable[[Dataset], Task]
    frozen_at: datetime | None = None
    """Everything from this moment on is hidden from every system."""

    def load(self, place: DataPlace) -> Task:
        """Raises DataMissing: the data set is missing."""
        return self.build(self.read(place))
