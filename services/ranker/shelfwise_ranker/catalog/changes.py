"""What a catalog change means to a ranker: the table's row, the counts of its category, the habits of new products."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime

from shelfwise_ranker.catalog.table_changes import Product, TableChanges
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.living.statistics import LiveStatistics
from shelfwise_ranker.products import ProductTable

_log = logging.getLogger("shelfwise.ranker")


class CatalogChanges:
    """Takes in changed and new products, between two requests. Deleted ones stay: no request names them any more."""

    def __init__(self, table: ProductTable, habits: HabitStats, statistics: LiveStatistics, last_change: int) -> None:
        """All arguments are over the same table, which has spare rows."""
        self._table = table
        self._changes = TableChanges(table)
        self._habits = habits
        self._statistics = statistics
        self._usual = habits.usual_loyalty()
        self._said_full = False
        self.last_change = last_change
        """Everything in the change log up to this number is applied."""
        self.last_change_at: datetime | None = None
        """When that change was written, once it is known."""

    def take(self, products: Sequence[Product]) -> None:
        """Apply `products`, so that the next request ranks by their new state. Applying them twice changes nothing."""
        known = len(self._table)
        rows, before = self._changes.put(products)
        if not len(rows):
            return
        new = rows[rows >= known]
        if len(new):
            self._habits.begin(new, self._table, time.time(), self._usual)
        self._statistics.move(rows, before)
        self._statistics.place(self._table.ids[known:])
        if self.full and not self._said_full:
            self._said_full = True
            _log.warning(
                "no room for more new products: they keep the retriever's order until the next bundle; run `shelfwise build`",
                extra={"products": len(self._table)},
            )

    @property
    def full(self) -> bool:
        """Whether no row is left for another new product."""
        return len(self._table) == len(self._table.leaf) - 1
