"""The rows that an answer may hold, as rows and as groups of rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.groups import Mask, RowGroups, Rows

_LENIENT = 0.95
_SLACK = 8


class FilterMask:
    """What one filter lets through; made once, kept by the mask cache, never changed."""

    __slots__ = ("_groups", "_numbers", "count", "rows", "unknown")

    def __init__(self, rows: Mask, unknown: Sequence[str] = ()) -> None:
        """`unknown`: words of the filter's conditions that no product has, each with its field."""
        self.rows = rows
        self.unknown = unknown
        self.count = int(np.count_nonzero(rows))
        self._groups: dict[int, Mask] = {}
        self._numbers: dict[int, NDArray[np.int64]] = {}

    def groups(self, groups: RowGroups) -> Mask:
        """[m]: whether each group has a row that passes."""
        found = self._groups.get(id(groups))
        if found is None:
            found = self._groups[id(groups)] = groups.having(self.rows)
        return found

    def group_numbers(self, groups: RowGroups) -> NDArray[np.int64]:
        """The numbers of the groups that have a row that passes, ascending."""
        found = self._numbers.get(id(groups))
        if found is None:
            found = self._numbers[id(groups)] = np.flatnonzero(self.groups(groups))
        return found


class Allowed:
    """One request's filter and exclusions.

    `rows` is exact. Group masks belong to the filter alone, so that they can be kept between requests; a source therefore asks
    for `excluded` more rows and drops those that are not in `rows`.
    """

    __slots__ = ("_products", "count", "excluded", "filter", "rows")

    def __init__(self, size: int, filter_mask: FilterMask | None, excluded: Rows | None = None, gone: int = 0) -> None:
        """`size`: rows of the catalog, of which `gone` no longer hold a product."""
        self.filter = filter_mask
        self.rows = np.ones(size, np.bool_) if filter_mask is None else filter_mask.rows
        self._products = size - gone
        self.count = self._products if filter_mask is None else filter_mask.count
        self.excluded = 0
        if excluded is not None and len(excluded):
            if filter_mask is not None:
                self.rows = self.rows.copy()
            self.excluded = int(np.count_nonzero(self.rows[excluded]))
            self.rows[excluded] = False
            self.count -= self.excluded

    @property
    def lenient(self) -> bool:
        """Whether nearly every product passes. Rows without a product count neither way: they are not answered anyway."""
        return self.filter is not None and self.filter.count > _LENIENT * self._products

    def deeper(self, limit: int) -> int:
        """The unfiltered search depth that most likely yields `limit` rows that pass a lenient filter."""
        return limit + limit // _SLACK + self.excluded

    @property
    def barred(self) -> int:
        """How many products are not allowed."""
        return self._products - self.count
