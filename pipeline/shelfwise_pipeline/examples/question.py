"""A question with a known answer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.products import Rows

Grades = NDArray[np.int8] | NDArray[np.float32]
"""How good an answer is: 0 not at all … 3 what was meant (bought: 3, put into the cart: 2, looked at: 1). Grades that are the
mean of several people's have fractions."""

NOBODY = -1
"""The seed, and the asker, of a question that has none."""


@dataclass(frozen=True)
class Question:
    """Asked at `moment` (seconds since 1970): nothing that happened at or after it may be used to answer.

    `grade` tells how good given products (rows of the product table) are. `best` are the grades of the best possible
    answer where it is known beforehand; None where only the candidates themselves can tell. `listed`: the only candidates
    (rows), a caller's own list; None: whatever the retriever finds.
    """

    kind: QuestionKind
    moment: float
    text: str | None
    seed: int
    grade: Callable[[Rows], Grades]
    best: tuple[float, ...] | None = None
    listed: tuple[int, ...] | None = None
    seeds: tuple[int, ...] = ()
    """Of a `together` question: rows of the table."""
    history: History | None = None
    """Of a `user` question: what happened before `moment`. Of others see `askers`."""
    exclude: tuple[int, ...] = ()
    """Rows that are no answers."""
    asker: int = NOBODY
    """The user, numbered as in the log, who bought what answers; questions of one are no independent evidence."""

    @property
    def seed_rows(self) -> Rows:
        """All seeds, of whatever kind of question."""
        return np.array(self.seeds or ([self.seed] if self.seed >= 0 else []), dtype=np.int32)


HistoryAt = Callable[[Question], History | None]
"""What is known of a question's asker when it is asked; None of a stranger."""


def gains(grades: ArrayLike) -> NDArray[np.float64]:
    """What each grade is worth, 2^grade - 1."""
    return np.asarray(np.exp2(np.asarray(grades, dtype=np.float64)) - 1.0)
