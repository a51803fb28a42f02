"""Applies product changes to everything that is searched, in place."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.filters import Filters
from shelfwise_retriever.groups import Scores
from shelfwise_retriever.indexes import Indexes, text_of
from shelfwise_retriever.mask_cache import MaskCache
from shelfwise_retriever.sources.category import CategorySource


@dataclass(frozen=True, slots=True)
class ProductChange:
    """A product as it is now; None: it was removed. `vector` ([dimension]): that of its text; None if the text is known."""

    product_id: str
    product: dict[str, Any] | None
    vector: Scores | None = None


class Changing:
    """Applies changes. Not thread-safe: everything runs on the thread that searches, between two searches."""

    def __init__(
        self,
        catalog: Catalog,
        filters: Filters,
        masks: MaskCache,
        indexes: Indexes,
        categories: CategorySource,
        last_change: int,
    ) -> None:
        self.catalog = catalog
        self.indexes = indexes
        self.last_change = last_change
        """Everything in the change log up to this number is applied."""
        self.last_change_at: datetime | None = None
        """When that change was written, if known."""
        self.made = 0
        """How many changes were applied."""
        self.lock = asyncio.Lock()
        """Held by a task that checks what is known and acts on it across other tasks' turns."""
        self.without_vector: set[str] = set()
        """Products whose present text has no vector yet; until it has one, their previous state is served."""
        self._filters = filters
        self._masks = masks
        self._categories = categories
        self._touched: set[int] | None = None

    def knows(self, product: dict[str, Any]) -> bool:
        """Whether the vector of the product's text is at hand."""
        return self.indexes.knows(text_of(product))

    def apply(self, changes: Iterable[ProductChange]) -> None:
        """Apply changes; the next search finds, filters and shows the products as they now are. Idempotent.

        Raises:
            ValueError: the vector of an unknown text is absent; the changes before that one are applied.
        """
        try:
            for change in changes:
                self.made += 1
                if change.product is None:
                    self._remove(change.product_id)
                else:
                    self._put(change.product, change.vector)
        finally:
            self._masks.clear()

    def remember_touched(self) -> set[int]:
        """Return a set that collects the rows touched by changes from now on, until `forget_touched`."""
        self._touched = set()
        return self._touched

    def forget_touched(self) -> None:
        self._touched = None

    def _put(self, product: dict[str, Any], vector: Scores | None) -> None:
        if vector is None and not self.knows(product):
            raise ValueError(f"expected a vector of {text_of(product)!r}, found none; embed it first")
        row = self.catalog.find(product["product_id"])
        before = None if row is None else self.catalog.product(row)
        row = self.catalog.put(product)
        self._filters.put(row, before, product)
        self.indexes.put(row, product, vector)
        self._categories.put(row, product)
        self._touch(row)

    def _remove(self, product_id: str) -> None:
        row = self.catalog.remove(product_id)
        if row is None:
            return
        self._filters.remove(row, self.catalog.product(row))
        self.indexes.take(row)
        self._categories.remove(row)
        self._touch(row)

    def _touch(self, row: int) -> None:
        if self._touched is not None:
            self._touched.add(row)
