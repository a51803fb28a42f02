"""A question with a known answer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.products import Rows

Grades = NDArray[np.int8] | NDArray[np.float32]
"""How good an answer is, from 0 (not at all) to 3 (what was meant). Bought: 3, put into the cart: 2, looked at: 1. Grades that
are the mean of several people's have fractions."""

NOBODY = -1
"""Stands for the seed or the asker of a question that has none."""


@dataclass(frozen=True)
class Question:
    """A question asked at `moment` (seconds since 1970). Nothing that happened at or after it may be used to answer.

    `grade` returns the grades of given products (rows of the product table). `best` are the grades of the best possible answer
    if they are known beforehand; None if they depend on the candidates. `listed`: the only candidates (rows), a caller's own
    list; None: whatever the retriever finds.
    """

    kind: QuestionKind
    moment: float
    text: str | None
    seed: int
    grade: Callable[[Rows], Grades]
    best: tuple[float, ...] | None = None
    listed: tuple[int, ...] | None = None
    seeds: tuple[int, ...] = ()
    """The seeds of a `together` question: rows of the table."""
    history: History | None = None
    """The history of a `user` question: what happened before `moment`. For other kinds see `askers`."""
    exclude: tuple[int, ...] = ()
    """Rows that cannot be answers."""
    asker: int = NOBODY
    """The user, numbered as in the log, who made the answering purchases. Questions of one user are not independent
    evidence."""

    @property
    def seed_rows(self) -> Rows:
        """All seeds, for every kind of question."""
        return np.array(self.seeds or ([self.seed] if self.seed >= 0 else []), dtype=np.int32)


HistoryAt = Callable[[Question], History | None]
"""Returns what is known of a question's asker when it is asked; None for a stranger."""


def gains(grades: ArrayLike) -> NDArray[np.float64]:
    """Return the gain of each grade, 2^grade - 1."""
    return np.asarray(np.exp2(np.asarray(grades, dtype=np.float64)) - 1.0)
