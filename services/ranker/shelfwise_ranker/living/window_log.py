"""Events that still count in a window, ordered by time, so that those that leave it are a slice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.event_log import IMPRESSION, PURCHASE
from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.recent import RecentEvents
from shelfwise_ranker.tallies import DAY_S

Entries = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]
"""Rows, times, kinds and shoppers, as parallel arrays."""

LONGEST_S = 90 * DAY_S

MERGED_AT = 65_536
"""Young events are sorted in when there are more than this, and more than an eighth of the others."""

SLICE = 32_768
"""Events per step of an iteration over all events."""


class WindowLog:
    """Most events are sorted by time; the young ones, which leave no window for days, are sorted in now and then.

    An iteration over all events (`move`, `purchases`) takes steps, and events may be added between them. An event that is taken
    out becomes an impression of nobody, which counts in no window, until events are sorted in.
    """

    def __init__(self, recent: RecentEvents, shift_s: float) -> None:
        self._sorted: Entries = (recent.rows, recent.times + shift_s, recent.kinds, recent.shoppers)
        self._young: list[Entries] = []
        self._young_count = 0
        self._young_in_order = True
        self._oldest = np.inf  # time of the oldest young event
        self._taken_out = 0
        self._is_looked_at = False  # while an iteration runs, no event may change its place

    def __len__(self) -> int:
        return len(self._sorted[0]) + self._young_count - self._taken_out

    def add(self, entries: Entries) -> None:
        """Keep events, in any order of time."""
        if not len(entries[0]):
            return
        self._young.append(entries)
        self._young_count += len(entries[0])
        self._young_in_order = False
        self._oldest = min(self._oldest, float(entries[1].min()))
        if self._young_count > max(MERGED_AT, len(self._sorted[0]) // 8) and not self._is_looked_at:
            self._sort_in()

    def leaving(self, start: float, end: float, kind: int) -> NDArray[np.int32]:
        """The rows of the events of a kind at or after `start` and before `end`."""
        rows, _, kinds, _ = self._slice(start, end)
        return np.asarray(rows[kinds == kind], np.int32)

    def leaving_purchases(self, start: float, end: float) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The rows and shoppers of the purchases at or after `start` and before `end`."""
        rows, _, kinds, shoppers = self._slice(start, end)
        bought = kinds == PURCHASE
        return rows[bought], shoppers[bought]

    def drop_before(self, start: float) -> None:
        """Drop the events before `start`; not at once, since that copies the others."""
        first = int(np.searchsorted(self._sorted[1], start))
        if first > len(self._sorted[1]) // 8:
            self._taken_out -= int(np.count_nonzero(self._sorted[2][:first] == IMPRESSION))
            self._sorted = taken(self._sorted, slice(first, None))

    def move(self, moves: Moves) -> Iterator[Entries]:
        """Let shoppers become others, and take out the events of forgotten shoppers; events added meanwhile must belong to no
        shopper who moves. Each step yields the events concerned as they were before."""
        with self._held():
            for part in (self._sorted, *self._young):
                for looked_at in _slices(part):
                    places = moves.find(looked_at[3])
                    found = taken(looked_at, places)
                    becomes, is_gone = moves.of(found[3])
                    looked_at[3][places] = becomes
                    looked_at[2][places[is_gone]] = IMPRESSION
                    self._taken_out += int(np.count_nonzero(is_gone))
                    yield found

    def take_out(self, entries: Entries) -> NDArray[np.bool_]:
        """Take out, for each entry, one event that is exactly like it; return for which entries there was one. Must not run
        during an iteration over all events."""
        found = np.zeros(len(entries[0]), dtype=bool)
        for part in self._in_order():
            starts, ends = (np.searchsorted(part[1], entries[1], side) for side in ("left", "right"))
            for place in np.flatnonzero(~found & (starts < ends)):
                alike = _alike(part, slice(starts[place], ends[place]), entries, place)
                if len(alike):
                    part[2][alike[0]], part[3][alike[0]] = IMPRESSION, 0
                    self._taken_out += 1
                    found[place] = True
        return found

    def around(self, entries: Entries, within_s: float) -> Entries:
        """The events of the same shopper, kind and product as an entry, within `within_s` before or after it, in no order; an
        event around several entries is there several times."""
        found = [taken(entries, slice(0))]
        for part in self._in_order():
            starts, ends = (np.searchsorted(part[1], entries[1] + shift, "left") for shift in (-within_s, within_s))
            found += [
                taken(part, _alike(part, slice(start, end), entries, place))
                for place, (start, end) in enumerate(zip(starts, ends, strict=True))
            ]
        return joined(found)

    def purchases(self) -> Iterator[tuple[NDArray[np.int32], NDArray[np.float64]]]:
        """The rows and times of all purchases, step by step; those added meanwhile come last."""
        with self._held():
            yield from map(_purchases, _slices(self._sorted))
            for part in self._young:
                yield from map(_purchases, _slices(part))

    @contextmanager
    def _held(self) -> Iterator[None]:
        self._is_looked_at = True
        try:
            yield
        finally:
            self._is_looked_at = False

    def _in_order(self) -> Sequence[Entries]:
        """All events as a few parts, each ordered by time."""
        if not self._young_in_order:
            young = joined(self._young)
            self._young, self._young_in_order = [taken(young, np.argsort(young[1], kind="stable"))], True
        return self._sorted, *self._young

    def _slice(self, start: float, end: float) -> Entries:
        if self._oldest < end:
            self._sort_in()
        first, last = np.searchsorted(self._sorted[1], [start, end])
        return taken(self._sorted, slice(int(first), int(last)))

    def _sort_in(self) -> None:
        if self._young:
            all_of_them = joined([self._sorted, *self._young])
            if self._taken_out:
                all_of_them = taken(all_of_them, all_of_them[2] != IMPRESSION)
                self._taken_out = 0
            # Nearly sorted already, which makes this sort fast.
            self._sorted = taken(all_of_them, np.argsort(all_of_them[1], kind="stable"))
            self._young, self._young_count, self._young_in_order, self._oldest = [], 0, True, np.inf


def _slices(part: Entries) -> Iterator[Entries]:
    """Views of `part`, up to SLICE events each."""
    return (taken(part, slice(start, start + SLICE)) for start in range(0, len(part[0]), SLICE))


def _alike(part: Entries, span: slice, entries: Entries, place: int | np.intp) -> NDArray[np.intp]:
    """Indices in `part`, within `span`, of events with the product, kind and shopper of the entry at `place` of `entries`."""
    rows, _, kinds, shoppers = entries
    of_row = span.start + np.flatnonzero(part[0][span] == rows[place])
    return np.asarray(of_row[(part[2][of_row] == kinds[place]) & (part[3][of_row] == shoppers[place])], np.intp)


def _purchases(part: Entries) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    bought = part[2] == PURCHASE
    return part[0][bought], part[1][bought]


def joined(parts: Sequence[Entries]) -> Entries:
    """Several parts, at least one, as one."""
    rows, times, kinds, shoppers = (np.concatenate([part[place] for part in parts]) for place in range(4))
    return rows, times, kinds, shoppers


def taken(entries: Entries, part: slice | NDArray[np.bool_] | NDArray[np.intp]) -> Entries:
    """A part of parallel arrays."""
    rows, times, kinds, shoppers = entries
    return rows[part], times[part], kinds[part], shoppers[part]
