"""Events weighted by type and age: each purchase, and of the views and carts one per shopper, product and day."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.behavior import decay, decayed_weights
from shelfwise_ranker.event_log import PURCHASE
from shelfwise_ranker.living.counted_days import CountedDays
from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.window_log import Entries, taken
from shelfwise_ranker.tallies import DAY_S


class DecayedCounts:
    """Changes `values` in place: [products], as they were at `as_of` (seconds since 1970)."""

    def __init__(self, values: NDArray[np.float64], counted: Entries, as_of: float, shift: float) -> None:
        """`counted`: the events in `values`. `shift`: seconds that their times were moved by; days begin at midnight before it,
        so that what happened on one day stays on one day."""
        self._values = values
        self._as_of = as_of
        self._day_begins = shift % DAY_S
        self._days = CountedDays(self._by_day(taken(counted, counted[2] != PURCHASE)))

    def at(self, rows: NDArray[np.int32], now: float) -> NDArray[np.float64]:
        """The counts of `rows` at `now`, not before `as_of`."""
        return np.asarray(np.maximum(self._values[rows], 0.0) * decay(now - self._as_of), np.float64)

    def enter(self, entries: Entries) -> None:
        """Add all purchases, and each view or cart that is the day's first."""
        is_bought = entries[2] == PURCHASE
        free = taken(entries, ~is_bought)
        self._add(taken(entries, is_bought), 1)
        self._add(taken(free, self._days.enter(self._by_day(free))), 1)

    def leave(self, entries: Entries) -> None:
        """Take away all purchases, and each view or cart whose day is counted. If another one was on that day, `enter` it."""
        is_bought = entries[2] == PURCHASE
        free = taken(entries, ~is_bought)
        self._add(taken(entries, is_bought), -1)
        self._add(taken(free, self._days.leave(self._by_day(free))), -1)

    def move(self, entries: Entries, moves: Moves) -> Iterator[None]:
        """Let the shoppers of `entries` become others, in steps. Days are counted again, since a session and its user may have
        done the same on one day."""
        is_bought = entries[2] == PURCHASE
        becomes, is_gone = moves.of(entries[3])
        self.leave(taken(entries, is_gone | ~is_bought))
        yield
        self.enter(taken((*entries[:3], becomes), ~is_bought & ~is_gone))
        yield

    def _add(self, entries: Entries, step: int) -> None:
        rows, times, kinds, _ = self._by_day(entries)
        np.add.at(self._values, rows, step * decayed_weights(kinds, times, self._as_of - self._day_begins))

    def _by_day(self, entries: Entries) -> Entries:
        """The entries with times whose days begin at midnight."""
        rows, times, kinds, shoppers = entries
        return rows, times - self._day_begins, kinds, shoppers
