"""The most popular of the same narrow categories: for products and shops without a past."""

import numpy as np

from shelfwise_retriever.groups import Rows, Scores, places_within
from shelfwise_retriever.shelves import Shelves
from shelfwise_retriever.sources.base import Question
from shelfwise_retriever.sources.profile import Weigh, profile
from shelfwise_retriever.sources.scored import ScoredSource

_MOST = 100
_BRAND = np.float32(0.5)


class CategorySource(ScoredSource):
    """The category's share of the question × the product's place in it; half as much again for a brand of the question."""

    name = "category"

    def __init__(self, shelves: Shelves, trending: Scores, weigh: Weigh) -> None:
        self._shelves = shelves
        self._weigh = weigh
        order = np.argsort(-trending, kind="stable")  # of equals the lower row, which is the more popular
        places = np.empty(len(order), np.int64)
        places[order] = places_within(shelves.category[order])
        self._standing = (1 / np.log2(2.0 + places)).astype(np.float32)

    def score(self, question: Question) -> Scores | None:
        asked = profile(question, self._weigh, len(self._standing), _MOST)
        if asked is None:
            return None
        rows, weights = asked
        shelves = self._shelves
        column: Scores = _shares(shelves.category, shelves.categories, rows, weights)[shelves.category] * self._standing
        column *= 1 + _BRAND * _shares(shelves.brand, shelves.brands, rows, weights)[shelves.brand]
        return column


def _shares(numbers: Rows, count: int, rows: Rows, weights: Scores) -> Scores:
    """[count + 1]: each number's share of the question; «none» has no share."""
    shares = np.bincount(numbers[rows], weights, count + 1).astype(np.float32)
    shares[count] = 0
    return shares
