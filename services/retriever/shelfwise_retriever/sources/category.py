"""The most popular of the same narrow categories: for products and shops without a past."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import RowGroups, Rows, Scores, places_within
from shelfwise_retriever.shelves import Shelves
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.profile import Weigh, profile
from shelfwise_retriever.sources.scored import best_of

_MOST = 100
_CATEGORIES = 20
"""So many of a question's categories, the weightiest, are looked into."""
_BRAND = np.float32(0.5)
_DEEP = 3
"""A product of a question's brand may stand so much deeper in its category and still be among the best."""


class CategorySource:
    """The category's share of the question × the product's place in it; half as much again for a brand of the question."""

    name = "category"

    def __init__(self, shelves: Shelves, trending: Scores, weigh: Weigh) -> None:
        self._shelves = shelves
        self._weigh = weigh
        order = np.argsort(-trending, kind="stable")  # of equals the lower row, which is the more popular
        places = np.empty(len(order), np.int64)
        places[order] = places_within(shelves.category[order])
        self._standing = (1 / np.log2(2.0 + places)).astype(np.float32)
        grouped = RowGroups.of(shelves.category[order], shelves.categories + 1)
        self._starts, self._rows = grouped.starts, order[grouped.rows].astype(np.int32)  # of each category, most popular first

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        shares = self._shares(question)
        if not len(shares):
            return Hits.none()
        categories = shares[: self._shelves.categories]
        chosen = np.flatnonzero(categories > 0)
        chosen = chosen[np.argsort(-categories[chosen], kind="stable")[:_CATEGORIES]]
        rows = self._first_of(chosen, None if allowed is not None and allowed.filter is not None else _DEEP * limit)
        return best_of(rows, self._scores(shares, rows), allowed, limit)

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        scores = np.full(len(rows), np.nan, np.float32)
        shares = self._shares(question)
        if len(shares):
            known = np.flatnonzero(rows < len(self._standing))
            scores[known] = self._scores(shares, rows[known])
            scores[scores == 0] = np.nan
        return scores

    def _first_of(self, categories: NDArray[np.int64], each: int | None) -> Rows:
        starts, ends = self._starts[categories].tolist(), self._starts[categories + 1].tolist()
        parts = [
            self._rows[start : end if each is None else min(end, start + each)] for start, end in zip(starts, ends, strict=True)
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.int32)

    def _scores(self, shares: Scores, rows: Rows) -> Scores:
        shelves, count = self._shelves, self._shelves.categories + 1
        scores: Scores = shares[:count][shelves.category[rows]] * self._standing[rows]
        scores *= 1 + _BRAND * shares[count:][shelves.brand[rows]]
        return scores

    def _shares(self, question: Question) -> Scores:
        """[categories + 1 + brands + 1] each one's share of the question, 0 for «none»; empty with nothing to go by."""
        made: Scores | None = question.made.get(self.name)
        if made is None:
            made = question.made[self.name] = self._shared(question)
        return made

    def _shared(self, question: Question) -> Scores:
        asked = profile(question, self._weigh, len(self._standing), _MOST)
        if asked is None:
            return np.empty(0, np.float32)
        rows, weights = asked
        shelves = self._shelves
        return np.concatenate(
            [
                _shares_of(shelves.category[rows], weights, shelves.categories),
                _shares_of(shelves.brand[rows], weights, shelves.brands),
            ]
        )


def _shares_of(numbers: Rows, weights: Scores, count: int) -> Scores:
    shares = np.bincount(numbers, weights, count + 1).astype(np.float32)
    shares[count] = 0
    return shares
