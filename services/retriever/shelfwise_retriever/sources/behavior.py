"""Neighbours in the vector space of what is bought after what."""

import numpy as np

from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.behavior import Space
from shelfwise_retriever.groups import RowGroups, Rows, Scores
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.dense import DenseSource
from shelfwise_retriever.sources.profile import Weigh, profile
from shelfwise_retriever.vectors import Vectors

_MOST = 64


class BehaviorSource:
    """Searches with the weighted mean of what follows the question's products, among the products that have a vector."""

    name = "behavior"

    def __init__(self, space: Space, count: int, weigh: Weigh) -> None:
        """`count`: number of catalog rows that the space was fitted for."""
        self._space = space
        self._weigh = weigh
        self._place = np.full(count, -1, np.int32)
        self._place[space.rows] = np.arange(len(space.rows))
        each = RowGroups.of(np.arange(len(space.rows), dtype=np.int32), len(space.rows))
        self._near = DenseSource(Vectors.of(space.before, space.description), each, space.plan, space.index)

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        vector = self._vector(question)
        if not len(vector):
            return Hits.none()
        found = self._near.search(Question(None, vector), self._within(allowed), limit)
        return Hits(self._space.rows[found.rows], found.scores)

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        scores = np.full(len(rows), np.nan, np.float32)
        vector = self._vector(question)
        if len(vector):
            places = self._places(rows)
            known = np.flatnonzero(places >= 0)
            scores[known] = self._near.scores_of(Question(None, vector), places[known])
        return scores

    def _vector(self, question: Question) -> Scores:
        """[dimension] of unit length; empty if none of the question's products has a vector."""
        made: Scores | None = question.made.get(self.name)
        if made is None:
            made = question.made[self.name] = self._mean(question)
        return made

    def _mean(self, question: Question) -> Scores:
        asked = profile(question, self._weigh, len(self._place), _MOST)
        if asked is None:
            return np.empty(0, np.float32)
        rows, weights = asked
        places = self._place[rows]
        known = places >= 0
        middle = weights[known] @ self._space.after[places[known]]
        length = float(np.linalg.norm(middle))
        return (middle / length).astype(np.float32) if length else np.empty(0, np.float32)

    def _places(self, rows: Rows) -> Rows:
        places = self._place[np.minimum(rows, len(self._place) - 1)]
        return np.where(rows < len(self._place), places, -1).astype(np.int32)

    def _within(self, allowed: Allowed | None) -> Allowed | None:
        """`allowed`, restricted to the products that have a vector."""
        if allowed is None:
            return None
        passing = allowed.rows[self._space.rows]
        if allowed.filter is None:
            return Allowed(len(passing), None, np.flatnonzero(~passing).astype(np.int32))
        return Allowed(len(passing), FilterMask(passing))
