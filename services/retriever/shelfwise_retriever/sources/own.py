"""What the shopper bought before, and what they looked at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import HALF_LIFE_S
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Question
from shelfwise_retriever.sources.scored import ScoredSource

_ONLY_WANTED = np.float32(1e-3)
"""What was put into the cart or looked at, never bought, comes after what was bought within the last years."""


class OwnSource(ScoredSource):
    """Purchases, halved every 60 days; then what was wanted but not bought."""

    name = "own"

    def __init__(self, count: int) -> None:
        self._count = count

    def score(self, question: Question) -> Scores | None:
        past = question.past
        if past is None or not len(past):
            return None
        wanted = _ONLY_WANTED * past.strength * np.exp2(-past.last_s / HALF_LIFE_S)
        return _placed(past.rows, np.where(past.purchases > 0, past.decayed, wanted), self._count)


class ViewedSource(ScoredSource):
    """What was looked at or put into the cart, the latest first: one over its place."""

    name = "viewed"

    def __init__(self, count: int) -> None:
        self._count = count

    def score(self, question: Question) -> Scores | None:
        if question.past is None:
            return None
        rows = question.past.rows[(question.past.views > 0) | (question.past.carts > 0)]
        return _placed(rows, 1 / np.arange(1, len(rows) + 1), self._count) if len(rows) else None


def _placed(rows: Rows, scores: NDArray[np.floating[Any]], count: int) -> Scores:
    column = np.zeros(max(count, int(rows.max(initial=-1)) + 1), np.float32)
    column[rows] = scores
    return column
