"""A shopper's history in arrays that a request's candidates index."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise_ranker.products import ProductTable, Rows
from shelfwise_ranker.tallies import DAY_S, VISIT_S

Column = NDArray[np.float32]

Places = NDArray[np.int64]
"""Indices into the arrays of a `Past`."""

CART_WEIGHT, VIEW_WEIGHT = 0.3, 0.1
"""How much a product put into the cart, or viewed, says about a shopper's taste; a purchase counts 1."""


@dataclass(frozen=True)
class Past:
    """One entry per product that the table holds, in the order of its rows, and a last entry that means "never touched".

    So -1, which `places` gives for a missing product, needs no special case. Times are in days before the question.
    """

    rows: Rows  # [h], ascending
    purchases: Column  # [h + 1]
    carts: Column
    views: Column
    decayed: Column
    this_hour: Column  # purchases weighted by nearness to the question's time of day
    this_weekday: Column
    first_purchase: Column  # NaN: never bought
    last_purchase: Column
    last: Column
    weights: Column  # [h] how much each product says about the shopper's taste
    orders: int
    orders_this_hour: float
    orders_this_weekday: int
    first_order: float  # NaN: nothing was ever bought
    last_order: float

    @classmethod
    def of(cls, history: History | None, table: ProductTable) -> "Past":
        """Convert a history; None gives an empty one. Products that the table does not hold are left out."""
        if history is None or not history.products:
            none, nothing = np.empty(0, np.int32), np.zeros(1, np.float32)
            unknown = np.full(1, np.nan, np.float32)
            counts, days_before = (nothing,) * 6, (unknown,) * 3
            return cls(none, *counts, *days_before, np.empty(0, np.float32), 0, 0.0, 0, np.nan, np.nan)
        found = table.rows(history.products)
        order = np.argsort(found, kind="stable")
        order = order[np.searchsorted(found[order], 0) :]

        def column(values: object, absent: float) -> Column:
            return np.append(np.asarray(values, dtype=np.float32)[order], np.float32(absent))

        def days(values: list[float | None]) -> Column:
            return column(np.array(values, dtype=np.float64) / DAY_S, np.nan)  # None becomes NaN

        purchases, carts, views = (column(counts, 0.0) for counts in (history.purchases, history.carts, history.views))
        weights = purchases[:-1] + CART_WEIGHT * carts[:-1] + VIEW_WEIGHT * views[:-1]
        return cls(
            rows=found[order],
            purchases=purchases,
            carts=carts,
            views=views,
            decayed=column(history.decayed, 0.0),
            this_hour=column(history.purchases_this_hour, 0.0),
            this_weekday=column(history.purchases_this_weekday, 0.0),
            first_purchase=days(history.first_purchase_s),
            last_purchase=days(history.last_purchase_s),
            last=days(list(history.last_s)),
            weights=weights.astype(np.float32),
            orders=history.orders,
            orders_this_hour=history.orders_this_hour,
            orders_this_weekday=history.orders_this_weekday,
            first_order=np.nan if history.first_order_s is None else history.first_order_s / DAY_S,
            last_order=np.nan if history.last_order_s is None else history.last_order_s / DAY_S,
        )

    @property
    def before_the_visit(self) -> NDArray[np.bool_]:
        """[h + 1] which products are known to have been touched before the present visit; False in the last entry. This is
        not known of a product that was never bought and is touched again in the visit."""
        visit = VISIT_S / DAY_S
        return np.asarray((self.last >= visit) | (self.first_purchase >= visit))

    @property
    def rhythm(self) -> float:
        """Mean number of days from one order to the next; NaN with fewer than two orders."""
        return (self.first_order - self.last_order) / (self.orders - 1) if self.orders > 1 else float("nan")

    def places(self, rows: NDArray[np.integer[Any]]) -> Places:
        """The index of each of `rows` in the arrays; -1 if the shopper never touched it."""
        if not len(self.rows):
            return np.full(len(rows), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.asarray(np.where(self.rows[place] == rows, place, -1))
