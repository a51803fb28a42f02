"""What sells now."""

from collections.abc import Callable

import numpy as np

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.scored import scores_at


class TrendingSource:
    """Decayed purchases of the whole shop, or of what a filter lets through; without any, the catalog's own order."""

    name = "trending"

    def __init__(self, trending: Scores, count: Callable[[], int]) -> None:
        """`trending`: [n]. `count`: returns the present number of rows; rows from n on are later products and come last."""
        self._trending = trending
        self._every = np.arange(len(trending), dtype=np.int32)
        self._order = np.argsort(-trending, kind="stable").astype(np.int32)
        self._count = count

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        rows = self._order[:limit] if allowed is None else self._passing(allowed, limit)
        scores = self._trending[rows]
        if len(rows) < limit:
            later = self._later(allowed, limit - len(rows))
            rows, scores = np.concatenate([rows, later]), np.concatenate([scores, np.zeros(len(later), scores.dtype)])
        return Hits(rows, scores)

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        return scores_at(self._every, self._trending, rows)

    def _passing(self, allowed: Allowed, limit: int) -> Rows:
        looked = 4 * limit + allowed.excluded
        while True:
            rows = self._order[:looked]
            rows = rows[allowed.rows[rows]]
            if len(rows) >= limit or looked >= len(self._order):
                return rows[:limit]
            looked *= 8

    def _later(self, allowed: Allowed | None, limit: int) -> Rows:
        rows = np.arange(len(self._order), self._count(), dtype=np.int32)
        return (rows if allowed is None else rows[allowed.rows[rows]])[:limit]
