"""A shopper's history by catalog row, and the weight of each product in it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import HALF_LIFE_S, History
from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.groups import Rows, Scores

CART, VIEW = 0.5, 0.25
"""The weight of a product that was only put into the cart, or only looked at, relative to a bought one."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A history in columns, most recent first; products that are not in the catalog are left out."""

    rows: Rows
    purchases: Scores
    carts: Scores
    views: Scores
    decayed: Scores
    last_look_s: NDArray[np.float64]
    """Seconds since the product was last looked at or put into the cart; NaN if it never was."""
    last_s: NDArray[np.float64]
    strength: Scores
    """1 for bought products, less for others."""
    moments: NDArray[np.int64]
    """0 for the products touched last, 1 for those touched last before them; products of one basket share a moment."""

    @classmethod
    def of(cls, history: History, catalog: Catalog) -> Self:
        rows = catalog.rows_of(history.products)
        known = np.flatnonzero(rows >= 0)
        columns = (history.purchases, history.carts, history.views, history.decayed)
        purchases, carts, views, decayed = (np.array(column, np.float32)[known] for column in columns)
        last_s = np.array(history.last_s, np.float64)[known]
        if history.last_look_s is not None:
            last_look_s = np.array(history.last_look_s, np.float64)[known]
        else:
            last_look_s = np.where((views > 0) | (carts > 0), last_s, np.nan)
        strength = np.where(purchases > 0, np.float32(1), np.where(carts > 0, np.float32(CART), np.float32(VIEW)))
        moments = np.zeros(len(known), np.int64)
        np.cumsum(np.diff(last_s) > 0, out=moments[1:])
        return cls(rows[known], purchases, carts, views, decayed, last_look_s, last_s, strength, moments)

    def __len__(self) -> int:
        return len(self.rows)

    def recent(self, keep: float) -> Scores:
        """Strengths × `keep` for every moment further back, whatever time lies between."""
        return self.strength * np.power(np.float32(keep), self.moments, dtype=np.float32)

    def habits(self, power: float, keep: float) -> Scores:
        """Purchases, halved every 60 days, to the `power`; also × `keep` for every moment further back.

        A product that was not bought counts as a fraction of one purchase.
        """
        others = self.strength * np.exp2(-self.last_s / HALF_LIFE_S)
        habit = np.where(self.purchases > 0, self.decayed, others)
        return np.asarray(np.power(habit, power) * np.power(keep, self.moments), np.float32)
