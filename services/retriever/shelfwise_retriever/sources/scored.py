"""Sources that know the score of every product at once."""

from abc import ABC, abstractmethod

import numpy as np

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Hits, Question


class ScoredSource(ABC):
    """A source is its name and one column; rows past the column's end (products that joined later) have no score."""

    name: str

    @abstractmethod
    def score(self, question: Question) -> Scores | None:
        """[n] positive scores of the candidates, 0 for all others; None when the question gives nothing to go by."""

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        column = self._column(question)
        return best_of(np.flatnonzero(column).astype(np.int32), column, allowed, limit)

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        return scores_at(self._column(question), rows)

    def _column(self, question: Question) -> Scores:
        return question.once(self.name, lambda: _or_nothing(self.score(question)))


def best_of(rows: Rows, column: Scores, allowed: Allowed | None, limit: int) -> Hits:
    """The best `limit` of `rows` that are allowed, by `column`; equal scores in row order."""
    if allowed is not None:
        rows = rows[allowed.rows[rows]]
    scores = column[rows]
    if len(rows) > limit:
        kept = np.flatnonzero(scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit])
        rows, scores = rows[kept], scores[kept]
    order = np.lexsort((rows, -scores))[:limit]
    return Hits(rows[order], scores[order])


def scores_at(column: Scores, rows: Rows) -> Scores:
    """The scores of `rows`, NaN where the column says 0 or ends before."""
    if not len(column):
        return np.full(len(rows), np.nan, np.float32)
    found = np.where(rows < len(column), column[np.minimum(rows, len(column) - 1)], np.float32(0))
    found[found == 0] = np.nan
    return found


def _or_nothing(column: Scores | None) -> Scores:
    return np.empty(0, np.float32) if column is None else column
