"""What sells now."""

import numpy as np

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.scored import scores_at


class TrendingSource:
    """Decayed purchases of the whole shop, or of what a filter lets through; without any, the catalog's own order."""

    name = "trending"

    def __init__(self, trending: Scores) -> None:
        """`trending`: [n]."""
        self._trending = trending
        self._every = np.arange(len(trending), dtype=np.int32)
        self._order = np.argsort(-trending, kind="stable").astype(np.int32)

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        rows = self._order[:limit] if allowed is None else self._passing(allowed, limit)
        return Hits(rows, self._trending[rows])

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
