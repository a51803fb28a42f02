"""A shopper's history by row of the catalog, and what each of its products weighs."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import HALF_LIFE_S, History
from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.groups import Rows, Scores

CART, VIEW = 0.5, 0.25
"""What a product that was only put into the cart, or only looked at, weighs against one that was bought."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Columns, most recent first; what the catalog does not hold is left out."""

    rows: Rows
    purchases: Scores
    carts: Scores
    views: Scores
    decayed: Scores
    last_s: NDArray[np.float64]

    @classmethod
    def of(cls, history: History, catalog: Catalog) -> Self:
        rows = catalog.rows_of(history.products)
        known = np.flatnonzero(rows >= 0)
        columns = (history.purchases, history.carts, history.views, history.decayed)
        purchases, carts, views, decayed = (np.array(column, np.float32)[known] for column in columns)
        return cls(rows[known], purchases, carts, views, decayed, np.array(history.last_s, np.float64)[known])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def strength(self) -> Scores:
        """1 for what was bought, less for what was not."""
        return np.where(self.purchases > 0, 1, np.where(self.carts > 0, CART, VIEW)).astype(np.float32)

    def recent(self, keep: float) -> Scores:
        """Every earlier moment weighs `keep` times the one after it, whatever time lies between."""
        moments = np.concatenate([[0], np.cumsum(np.diff(self.last_s) > 0)]) if len(self) else np.empty(0)
        return np.asarray(self.strength * np.power(keep, moments), np.float32)

    def habits(self) -> Scores:
        """Purchases, halved every 60 days; what was not bought weighs as a part of one purchase."""
        others = self.strength * np.exp2(-self.last_s / HALF_LIFE_S)
        return np.where(self.purchases > 0, self.decayed, others).astype(np.float32)
