"""How many distinct shoppers bought each product."""

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.uint64]
"""Hashes of (product row, shopper)."""

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no two rows give one shopper the same pair


class Buyers:
    """How often each pair of product and shopper is in the window.

    The many pairs of a bundle are in sorted arrays, 12 bytes per pair; only later pairs cost an entry of a dictionary.
    """

    def __init__(self, rows: NDArray[np.int32], shoppers: NDArray[np.int64], products: int) -> None:
        self._pairs, first, counts = np.unique(_pairs(rows, shoppers), return_index=True, return_counts=True)
        self._counts = counts.astype(np.int32)
        self._later: dict[int, int] = {}
        self.distinct = np.bincount(rows[first], minlength=products).astype(np.float64)
        """[products] the number of shoppers with at least one purchase in the window."""

    def count(self, rows: NDArray[np.int32], shoppers: NDArray[np.int64], step: int) -> None:
        """Count purchases that entered the window (`step` 1) or left it (`step` -1)."""
        if not len(rows):
            return
        pairs = _pairs(rows, shoppers)
        place = np.minimum(np.searchsorted(self._pairs, pairs), max(0, len(self._pairs) - 1))
        known = self._pairs[place] == pairs if len(self._pairs) else np.zeros(len(pairs), dtype=bool)
        for row, pair, at, early in zip(rows.tolist(), pairs.tolist(), place.tolist(), known.tolist(), strict=True):
            before = int(self._counts[at]) if early else self._later.get(pair, 0)
            after = before + step
            if early:
                self._counts[at] = after
            elif after > 0:
                self._later[pair] = after
            else:
                self._later.pop(pair, None)
            self.distinct[row] += (after > 0) - (before > 0)


def _pairs(rows: NDArray[np.int32], shoppers: NDArray[np.int64]) -> Pairs:
    with np.errstate(over="ignore"):
        return np.asarray(shoppers.view(np.uint64) ^ (rows.astype(np.uint64) * _SPREAD))
