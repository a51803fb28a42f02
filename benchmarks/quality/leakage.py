"""Proves that nothing of the future is used: with another future, every system must know and answer the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl

from benchmarks.quality.protocol import Known, System
from benchmarks.quality.task import Dataset, Task, TaskSpec

SEED = 7


@dataclass(frozen=True, slots=True)
class Leak:
    """A difference that a changed future made."""

    what: str
    question: str | None = None


def with_shuffled_future(data: Dataset, frozen_at: datetime, seed: int = SEED) -> Dataset:
    """The data set with the purchases from `frozen_at` on shuffled among the same baskets. The past is unchanged."""
    future = pl.col("timestamp") >= frozen_at
    past, later = data.lines.filter(~future), data.lines.filter(future)
    order = np.random.default_rng(seed).permutation(later.height)
    # The columns about the product move with it. The columns about who bought, when and in which basket stay.
    kept = [name for name in ("event_id", "user_id", "session_id", "timestamp", "position") if name in later.columns]
    dealt = pl.concat([later.select(kept), later.drop(kept)[order]], how="horizontal").select(later.columns)
    return replace(data, lines=pl.concat([past, dealt]))


def leaks(spec: TaskSpec, data: Dataset, systems: Callable[[Task], Sequence[System]], seed: int = SEED) -> list[Leak]:
    """The differences that another future makes. `systems` makes new systems for each of the two futures.

    Both get the questions of the real future: questions may depend on it, but knowledge and answers may not.

    Raises:
        ValueError: the task has no future.
    """
    if spec.frozen_at is None:
        raise ValueError(f"expected a task with a moment from which all is hidden, found {spec.name!r}, which knows no time")
    real, changed = spec.build(data), spec.build(with_shuffled_future(data, spec.frozen_at, seed))
    found = [Leak(f"what is known: {name}") for name in _differing(real.known, changed.known)]
    for one, other in zip(systems(real), systems(changed), strict=True):
        one.fit(real.known)
        other.fit(changed.known)
        answers, others = (system.rank(real.questions, real.depth) for system in (one, other))
        found += [
            Leak(f"the answer of {one.name}", question.id)
            for question, answer, second in zip(real.questions, answers, others, strict=True)
            if answer != second
        ]
    return found


def _differing(one: Known, other: Known) -> list[str]:
    frames = [name for name in ("products", "events", "judgements") if not getattr(one, name).equals(getattr(other, name))]
    return frames + [
        name for name in ("moment", "labels_from", "validation_from") if getattr(one, name) != getattr(other, name)
    ]
