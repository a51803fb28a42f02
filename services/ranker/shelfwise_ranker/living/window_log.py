"""Events that still count in a window, in the order of time, so that those that leave it are a slice."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.event_log import PURCHASE
from shelfwise_ranker.living.recent import RecentEvents
from shelfwise_ranker.tallies import DAY_S

Entries = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]
"""Rows, times, kinds and shoppers, parallel."""

LONGEST_S = 90 * DAY_S

MERGED_AT = 65_536
"""So many young events, or an eighth of the others, are sorted in."""


class WindowLog:
    """Most events lie in order of time; the young ones, which leave no window for days, are sorted in now and then."""

    def __init__(self, recent: RecentEvents, shift_s: float) -> None:
        self._sorted: Entries = (recent.rows, recent.times + shift_s, recent.kinds, recent.shoppers)
        self._young: list[Entries] = []
        self._young_count = 0
        self._oldest = np.inf  # of the young ones

    def __len__(self) -> int:
        return len(self._sorted[0]) + self._young_count

    def add(self, entries: Entries) -> None:
        """Keep events, in any order of time."""
        if not len(entries[0]):
            return
        self._young.append(entries)
        self._young_count += len(entries[0])
        self._oldest = min(self._oldest, float(entries[1].min()))
        if self._young_count > max(MERGED_AT, len(self._sorted[0]) // 8):
            self._sort_in()

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
        """Forget what happened before `start`; not at once, since that copies what stays."""
        first = int(np.searchsorted(self._sorted[1], start))
        if first > len(self._sorted[1]) // 8:
            self._sorted = taken(self._sorted, slice(first, None))

    def take_out(self, shopper: int) -> Entries:
        """Remove and return all events of a shopper."""
        self._sort_in()
        his = self._sorted[3] == shopper
        found = taken(self._sorted, his)
        self._sorted = taken(self._sorted, ~his)
        return found

    def rename(self, shopper: int, becomes: int) -> Entries:
        """Let the events of a shopper be another's; returns them as they were."""
        found: list[Entries] = []
        for part in (self._sorted, *self._young):
            his = np.flatnonzero(part[3] == shopper)
            if len(his):
                found.append(taken(part, his))
                part[3][his] = becomes
        return _joined(found) if found else taken(self._sorted, slice(0, 0))

    def last_purchases(self, rows: NDArray[np.int32]) -> dict[int, float]:
        """Those of `rows` that were bought, with the moment of their last purchase."""
        self._sort_in()
        all_rows, times, kinds, _ = self._sorted
        bought = np.flatnonzero(np.isin(all_rows, rows) & (kinds == PURCHASE))
        return dict(zip(all_rows[bought].tolist(), times[bought].tolist(), strict=True))  # in order of time: the last stays

    def _slice(self, start: float, end: float) -> Entries:
        if self._oldest < end:
            self._sort_in()
        first, last = np.searchsorted(self._sorted[1], [start, end])
        return taken(self._sorted, slice(int(first), int(last)))

    def _sort_in(self) -> None:
        if self._young:
            joined = _joined([self._sorted, *self._young])
            # Nearly sorted already, which this sort makes use of.
            self._sorted = taken(joined, np.argsort(joined[1], kind="stable"))
            self._young, self._young_count, self._oldest = [], 0, np.inf


def _joined(parts: Sequence[Entries]) -> Entries:
    rows, times, kinds, shoppers = (np.concatenate([part[place] for part in parts]) for place in range(4))
    return rows, times, kinds, shoppers


def taken(entries: Entries, part: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Entries:
    """A part of parallel arrays."""
    rows, times, kinds, shoppers = entries
    return rows[part], times[part], kinds[part], shoppers[part]
