"""The most popular products of the question's narrowest categories; for products without a category, of their brands.

It also finds products without any behavior.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.column import Column
from shelfwise_retriever.distinct import distinct
from shelfwise_retriever.groups import RowGroups, Rows, Scores, places_within
from shelfwise_retriever.shelves import Shelves
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.profile import Weigh, profile
from shelfwise_retriever.sources.scored import best_of

_MOST = 100
_CATEGORIES = 20
"""How many of a question's categories are searched, the weightiest ones, and how many brands of products without a category."""
_BRAND = np.float32(0.5)
_DEEP = 3
"""A product of one of the question's brands may rank so many times deeper in its category and still be among the best."""


class CategorySource:
    """The category's share of the question × the product's rank value in it × (1 + half the brand's share of the question).

    The share of products without a category goes to their brands instead: the brand's share × the product's rank value
    among all products of the brand.
    """

    name = "category"

    def __init__(self, shelves: Shelves, trending: Scores, weigh: Weigh) -> None:
        """`trending`: [n]; rows from n on are later products, less popular than all others."""
        self._shelves = shelves
        self._weigh = weigh
        order = np.argsort(-trending, kind="stable").astype(np.int32)  # ties: the lower row, which is the more popular
        position = np.empty_like(order)
        position[order] = np.arange(len(order), dtype=np.int32)
        self._row_at, self._position = Column(order), Column(position)
        self._members = RowGroups.of(shelves.category[order], shelves.categories + 1)
        """For each category, the positions of its products in the order of popularity."""
        self._branded = RowGroups.of(shelves.brand[order], shelves.brands + 1)
        """The same for each brand."""
        self._standing = Column(_standing(places_within(shelves.category[order])[position]))

    def put(self, row: int, product: dict[str, Any]) -> None:
        """Assign the row to `product`."""
        for later in range(len(self._position), row + 1):
            self._position.append(later)
            self._row_at.append(later)
            self._standing.append(0.0)
        position = int(self._position.values[row])
        known = position < len(self._members.of_row)
        before = int(self._members.of_row[position]) if known else -1
        self._shelves.put(row, product)
        self._branded.put(position, int(self._shelves.brand[row]))
        category = int(self._shelves.category[row])
        if category == before:
            return
        self._members.put(position, category)
        self._stand(before)
        self._stand(category)

    def remove(self, row: int) -> None:
        """Remove the row, which no longer holds a product."""
        position = int(self._position.values[row])
        category = int(self._members.of_row[position])
        self._members.take(position)
        self._branded.take(position)
        self._standing.put(row, 0.0, 0.0)
        self._stand(category)

    def _stand(self, category: int) -> None:
        """Recompute the rank values of a category's products from the order of popularity."""
        if category > 0:
            rows = self._row_at.values[self._members.rows_of(category)]
            self._standing.put_all(rows, _standing(np.arange(len(rows))), 0.0)

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        shares = self._shares(question)
        if not len(shares):
            return Hits.none()
        categories, _, instead = self._parts(shares)
        excluded = allowed.excluded if allowed is not None else 0
        each = None if allowed is not None and allowed.filter is not None else _DEEP * limit + excluded
        parts = [self._row_at.values[self._members.rows_of(category)[:each]] for category in _weightiest(categories)]
        if len(instead):  # a brand's products may also be in the categories
            parts += [self._row_at.values[self._branded.rows_of(brand)[:each]] for brand in _weightiest(instead)]
            parts = [rows if allowed is None else rows[allowed.rows[rows]] for rows in parts]
        if not parts:
            return Hits.none()
        rows = distinct(np.concatenate(parts)) if len(instead) else np.concatenate(parts)
        return best_of(rows, self._scores(shares, rows), allowed, limit)

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        scores = np.full(len(rows), np.nan, np.float32)
        shares = self._shares(question)
        if len(shares):
            known = np.flatnonzero(rows < len(self._standing))
            scores[known] = self._scores(shares, rows[known])
            scores[scores == 0] = np.nan
        return scores

    def _scores(self, shares: Scores, rows: Rows) -> Scores:
        categories, brands, instead = self._parts(shares)
        brand = self._shelves.brand[rows]
        scores: Scores = categories[self._shelves.category[rows]] * self._standing.values[rows]
        scores *= 1 + _BRAND * brands[brand]
        for number in np.flatnonzero(instead).tolist():
            places = np.flatnonzero(brand == number)
            among = np.searchsorted(self._branded.rows_of(number), self._position.values[rows[places]])
            scores[places] += instead[number] * _standing(among)
        return scores

    def _parts(self, shares: Scores) -> tuple[Scores, Scores, Scores]:
        """The shares of categories, of brands, and of brands of products without a category (empty if all have one)."""
        categories, brands = self._shelves.categories + 1, self._shelves.brands + 1
        return shares[:categories], shares[categories : categories + brands], shares[categories + brands :]

    def _shares(self, question: Question) -> Scores:
        """Shares of the question, 0 for a category or brand not in it, as `_parts` splits them; empty without products."""
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
        category, brand = shelves.category[rows], shelves.brand[rows]
        parts = [_shares_of(category, weights, shelves.categories), _shares_of(brand, weights, shelves.brands)]
        lacking = category == 0
        if lacking.any():
            instead = _shares_of(brand[lacking], weights[lacking], shelves.brands)
            weightiest = _weightiest(instead)
            parts.append(np.zeros_like(instead))
            parts[-1][weightiest] = instead[weightiest]
        return np.concatenate(parts)


def _shares_of(numbers: Rows, weights: Scores, count: int) -> Scores:
    shares = np.bincount(numbers, weights, count + 1).astype(np.float32)
    shares[0] = 0
    return shares


def _weightiest(shares: Scores) -> list[int]:
    """At most `_CATEGORIES` numbers, by falling share."""
    chosen = np.flatnonzero(shares > 0)
    numbers: list[int] = chosen[np.argsort(-shares[chosen], kind="stable")[:_CATEGORIES]].tolist()
    return numbers


def _standing(places: NDArray[np.int64]) -> Scores:
    """The value of a rank in the popularity order of a category or brand."""
    standing: Scores = (1 / np.log2(2.0 + places)).astype(np.float32)
    return standing
