"""Which shoppers did what with which product on which day: views and carts count once a day in the decayed count."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.behavior import day_of
from shelfwise_ranker.distinct import distinct
from shelfwise_ranker.living.window_log import Entries

MERGED_AT = 65_536
"""Young entries are sorted in when there are more than this, and more than an eighth of the others."""

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no two entries of one shopper have the same key


class CountedDays:
    """Hashes of (shopper, product row, kind, day), 8 bytes each; only the young ones cost an entry of a set.

    They are kept as long as the bundle is served, because an event may arrive late.
    """

    def __init__(self, entries: Entries) -> None:
        self._keys = distinct(_keys(entries))
        self._young: set[int] = set()

    def enter(self, entries: Entries) -> NDArray[np.intp]:
        """Add entries; return the indices in `entries` of the first event of each shopper, product, kind and day not known
        before."""
        keys, first = np.unique(_keys(entries), return_index=True)
        _, known = self._find(keys)
        keys, first = keys[~known], first[~known]
        listed = keys.tolist()
        is_new = np.array([key not in self._young for key in listed], dtype=bool)
        self._young.update(listed)
        if len(self._young) > max(MERGED_AT, len(self._keys) // 8):
            self._sort_in()
        return np.asarray(first[is_new], np.intp)

    def leave(self, entries: Entries) -> NDArray[np.intp]:
        """Remove entries; return the indices in `entries` of one event for each that was known and is not any more."""
        keys, first = np.unique(_keys(entries), return_index=True)
        places, known = self._find(keys)
        if known.any():
            self._keys = np.delete(self._keys, places[known])
        listed = keys.tolist()
        is_young = np.array([key in self._young for key in listed], dtype=bool)
        self._young.difference_update(listed)
        return np.asarray(first[known | is_young], np.intp)

    def _find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The index of each key among the sorted ones, and whether it is there."""
        if not len(self._keys):
            return np.zeros(len(keys), np.intp), np.zeros(len(keys), dtype=bool)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return places, self._keys[places] == keys

    def _sort_in(self) -> None:
        young = np.sort(np.fromiter(self._young, np.uint64, len(self._young)))
        self._keys = np.insert(self._keys, np.searchsorted(self._keys, young), young)
        self._young = set()


def _keys(entries: Entries) -> NDArray[np.uint64]:
    rows, times, kinds, shoppers = entries
    when = (day_of(times).astype(np.uint64) << np.uint64(2)) | kinds.astype(np.uint64)
    what = (rows.astype(np.uint64) << np.uint64(20)) | when
    with np.errstate(over="ignore"):
        return np.asarray(shoppers.view(np.uint64) ^ (what * _SPREAD))
