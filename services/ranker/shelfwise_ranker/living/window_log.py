"""Events that still count in a window, in the order of time, so that those that leave it are a slice."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.event_log import PURCHASE
from shelfwise_ranker.living.recent import RecentEvents
from shelfwise_ranker.tallies import DAY_S

Entries = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]
"""Rows, times, kinds and shoppers, parallel."""

LONGEST_S = 90 * DAY_S


class WindowLog:
    """New events wait in a list until someone asks; events too old for any window are dropped then."""

    def __init__(self, recent: RecentEvents, shift_s: float) -> None:
        self._entries: Entries = (recent.rows, recent.times + shift_s, recent.kinds, recent.shoppers)
        self._new: list[Entries] = []

    def __len__(self) -> int:
        return len(self._entries[0]) + sum(len(entries[0]) for entries in self._new)

    def add(self, entries: Entries) -> None:
        self._new.append(entries)

    def leaving(self, start: float, end: float, kind: int) -> NDArray[np.int32]:
        """The rows of the events of a kind at or after `start` and before `end`."""
        rows, _, kinds, _ = self._slice(start, end)
        return np.asarray(rows[kinds == kind], np.int32)

    def leaving_purchases(self, start: float, end: float) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """As `leaving`, with the shoppers."""
        rows, _, kinds, shoppers = self._slice(start, end)
        bought = kinds == PURCHASE
        return rows[bought], shoppers[bought]

    def drop_before(self, start: float) -> None:
        """Forget what happened before `start`."""
        entries = self._sorted()
        first = int(np.searchsorted(entries[1], start))
        if first > len(entries[1]) // 8:  # each time copies what stays
            self._entries = taken(entries, slice(first, None))

    def take_out(self, shopper: int) -> Entries:
        """Remove and return all events of a shopper."""
        entries = self._sorted()
        his = entries[3] == shopper
        self._entries = taken(entries, ~his)
        return taken(entries, his)

    def last_purchases(self, rows: NDArray[np.int32]) -> Iterator[tuple[int, float]]:
        """Each of `rows` that was bought, with the moment of its last purchase."""
        all_rows, times, kinds, _ = self._sorted()
        for row in np.unique(rows).tolist():
            bought = times[(all_rows == row) & (kinds == PURCHASE)]
            if len(bought):
                yield row, float(bought[-1])

    def _slice(self, start: float, end: float) -> Entries:
        entries = self._sorted()
        first, last = np.searchsorted(entries[1], [start, end])
        return taken(entries, slice(int(first), int(last)))

    def _sorted(self) -> Entries:
        if self._new:
            parts = [self._entries, *self._new]
            rows, times, kinds, shoppers = (np.concatenate([part[place] for part in parts]) for place in range(4))
            order = np.argsort(times, kind="stable")  # nearly sorted already, which this sort makes use of
            self._entries = (rows[order], times[order], kinds[order], shoppers[order])
            self._new = []
        return self._entries


def taken(entries: Entries, part: slice | NDArray[np.bool_]) -> Entries:
    """A part of parallel arrays."""
    rows, times, kinds, shoppers = entries
    return rows[part], times[part], kinds[part], shoppers[part]
