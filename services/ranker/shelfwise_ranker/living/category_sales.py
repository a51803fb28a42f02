"""Purchases per category, and the two columns of each product that contain them."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.tallies import COLUMNS, Counts

FEW_CATEGORIES = 16
"""If there are more categories, their members are found in one pass over all products."""

MOST_MOVED = 2_048
"""After this many products changed category, the members are listed anew."""

_OF_CATEGORY = COLUMNS.index("category_purchases_90d")
_SHARE = COLUMNS.index("share_of_category")


class CategorySales:
    """Purchases of 90 days by category, kept up to date in `values`.

    It reads `leaf` ([products], the number of each product's narrowest category) and `purchases` ([products], of 90 days),
    which others change in place, and writes its two columns of `values` ([products + 1, COLUMNS]).
    """

    def __init__(self, leaf: NDArray[np.int32], purchases: Counts, values: NDArray[np.float32]) -> None:
        self._leaf = leaf
        self._purchases = purchases
        self._values = values
        self._totals = np.bincount(leaf, weights=purchases, minlength=1)  # [categories]
        # Each category's total as written in `values`; NaN, equal to nothing, before the first write.
        self._written = np.full(len(self._totals), np.nan)
        self._members: tuple[NDArray[np.intp], NDArray[np.int64]] | None = None
        self._moved: set[int] = set()  # products whose category changed since `_members` were listed

    def count(self, rows: NDArray[np.int32], step: int) -> None:
        """Count one purchase of each row that entered the window (`step` 1) or left it (`step` -1)."""
        np.add.at(self._totals, self._leaf[rows], float(step))

    def of(self, rows: NDArray[np.int32]) -> Counts:
        """[rows] the purchases of each row's category."""
        return np.asarray(self._totals[self._leaf[rows]], np.float64)

    def move(self, rows: NDArray[np.int32], before: NDArray[np.int32]) -> None:
        """`leaf` of these rows changed from `before`: their purchases count in the new categories."""
        if (missing := int(self._leaf.max(initial=0)) + 1 - len(self._totals)) > 0:
            self._totals = np.pad(self._totals, (0, missing))
            self._written = np.pad(self._written, (0, missing), constant_values=np.nan)
        bought = self._purchases[rows]
        np.subtract.at(self._totals, before, bought)
        np.add.at(self._totals, self._leaf[rows], bought)
        self._moved.update(rows.tolist())
        if len(self._moved) > MOST_MOVED:
            self._members = None
            self._moved.clear()

    def refresh(self, leaves: NDArray[np.int32]) -> None:
        """Write the columns of every product in those categories whose total differs from the one written."""
        stale = leaves[self._written[leaves] != self._totals[leaves]]
        if not len(stale):
            return
        self._written[stale] = self._totals[stale]
        is_stale = np.zeros(len(self._totals), dtype=bool)
        is_stale[stale] = True
        if len(stale) <= FEW_CATEGORIES:
            members = self._were_members(stale)
            members = members[is_stale[self._leaf[members]]]
        else:
            members = np.flatnonzero(is_stale[self._leaf])
        totals = self._totals[self._leaf[members]]
        self._values[members, _OF_CATEGORY] = np.log1p(totals)
        self._values[members, _SHARE] = self._purchases[members] / np.maximum(totals, 1.0)

    def _were_members(self, leaves: NDArray[np.int32]) -> NDArray[np.intp]:
        """The products of these categories, and those that changed category since the members were listed."""
        if self._members is None:
            self._members = self._listed()
        order, starts = self._members
        known = leaves[leaves < len(starts) - 1].tolist()
        parts = [order[starts[leaf] : starts[leaf + 1]] for leaf in known]
        return np.concatenate([*parts, np.fromiter(self._moved, np.intp, len(self._moved))])

    def _listed(self) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Products ordered by category, and the index where each category begins."""
        sizes = np.bincount(self._leaf, minlength=len(self._totals))
        return np.argsort(self._leaf, kind="stable"), np.concatenate([[0], np.cumsum(sizes)])
