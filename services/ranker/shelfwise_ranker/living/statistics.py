"""A bundle's behavior statistics, kept up to date: what they would be if the bundle were built now."""

import logging
import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.distinct import distinct
from shelfwise_ranker.event_log import PURCHASE
from shelfwise_ranker.living.buyers import Buyers
from shelfwise_ranker.living.category_sales import CategorySales
from shelfwise_ranker.living.decayed_counts import DecayedCounts
from shelfwise_ranker.living.last_purchases import LastPurchases
from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.recent import RecentEvents
from shelfwise_ranker.living.unplaced import Told, Unplaced, entries_of
from shelfwise_ranker.living.window_counts import WINDOWS, WindowCounts
from shelfwise_ranker.living.window_log import LONGEST_S, Entries, WindowLog, joined, taken
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.tallies import COLUMNS, DAY_S, Tallies

_logger = logging.getLogger("shelfwise.ranker")

STALE_S = 7 * DAY_S
"""If a shop's last event is older than this at the time of the build, its events are history (an import of last year's
orders). They are then treated as if they had ended with the build; otherwise all of them would have left every window."""

MOST_EVENTS = 5_000_000
"""Events kept beside those of the bundle, 29 bytes each, so that they can leave their windows and be taken back. Later ones
are not counted until others have left: an event that is not kept could not be forgotten. The next bundle counts them."""

REFRESHED = 64
"""A product's age-dependent columns are refreshed once in this many rolls, so that a roll costs little."""

AT_ONCE = 4_096
"""Products refreshed in one step, where there are many."""

RETRACTED_AT_ONCE = 32
"""Events retracted in one step."""


class LiveStatistics:
    """Updates `stats.values` in place, so that features read it as before. For one thread.

    An event updates its product's row, and the two category columns of each product in its category.
    """

    def __init__(self, table: ProductTable, stats: BehaviorStats, recent: RecentEvents) -> None:
        self._stats = stats
        self._row_of = table.row_of
        count = len(table.leaf) - 1  # including the spare rows
        shift = (recent.read_at or time.time()) - stats.as_of
        self._shift = shift if shift > STALE_S else 0.0
        self.now = stats.as_of + self._shift
        """The end of the windows, in seconds since 1970."""
        self.as_of = stats.as_of
        """The bundle counted nothing that happened at or after this moment."""
        self.read_at = recent.read_at
        """When the bundle's events were read, in seconds since 1970; None for a bundle that knows no shoppers."""
        self.snapshot = recent.snapshot
        """The PostgreSQL snapshot of the build; the bundle counted only what it shows."""
        self._leaf = table.leaf[:-1]
        self._log = WindowLog(recent, self._shift)
        self._most = len(recent) + MOST_EVENTS
        self._is_full = False
        bought = recent.kinds == PURCHASE
        entries = (recent.rows, recent.times + self._shift, recent.kinds, recent.shoppers)
        buyers = Buyers(recent.rows[bought], recent.shoppers[bought], count)
        self._tallies = self._counted_by(stats, recent, buyers, count)
        self._categories = CategorySales(self._leaf, self._tallies.purchases_90d, stats.values)
        self._windows = WindowCounts(self._tallies, buyers, self._categories)
        self._decayed = DecayedCounts(self._tallies.decayed, entries, self.now, self._shift)
        logged_from = self.now - LONGEST_S if recent.read_at is not None else np.inf
        self._last_purchases = LastPurchases(self._tallies.last_purchase, self._log, logged_from)
        self._next_slice = 0
        self._unplaced = Unplaced()
        self._unplaced.add(
            [
                (product, moment + self._shift, kind, shopper)
                for product, moment, kind, shopper in recent.unplaced
                if moment < self.as_of
            ]
        )
        self.read_later: Sequence[Told] = [told for told in recent.unplaced if told[1] >= self.as_of]
        """Events of products that the bundle does not know: to be counted by a reader that continues from `snapshot`, not by
        one that continues from `as_of`."""

    def _counted_by(self, stats: BehaviorStats, recent: RecentEvents, buyers: Buyers, count: int) -> Tallies:
        """The bundle's counts: from the events it carries, if it does, else from its statistics."""
        said = {name: stats.values[:-1, place].astype(np.float64) for place, name in enumerate(COLUMNS)}
        counts = {name: np.rint(np.expm1(said[name])) for name, _, _ in WINDOWS}
        if recent.read_at is not None:
            for name, kind, length_s in WINDOWS:
                counted = (recent.kinds == kind) & (recent.times >= stats.as_of - length_s)
                counts[name] = np.bincount(recent.rows[counted], minlength=count).astype(np.float64)
        else:
            buyers.distinct[:] = np.rint(np.expm1(said["buyers_90d"]))
        return Tallies(
            **counts,
            buyers_90d=buyers.distinct,
            decayed=np.expm1(said["decayed"]),
            last_purchase=self.now - np.expm1(said["days_since_purchase"]) * DAY_S,
        )

    @property
    def values(self) -> NDArray[np.float32]:
        """[products + 1, COLUMNS] as the features read them; age-dependent columns are up to `REFRESHED` rolls old."""
        return self._stats.values

    def rows(self, products: Sequence[str]) -> NDArray[np.int32]:
        """The row of each product, -1 if neither the bundle nor a later change has it."""
        row_of = self._row_of
        return np.array([row_of.get(product, -1) for product in products], dtype=np.int32)

    def split(self, events: Sequence[Told]) -> tuple[Entries, list[Told]]:
        """All events as arrays, with their rows, and the events of products that have no row."""
        rows = self.rows([event[0] for event in events]).tolist()
        return entries_of(events, rows), [event for event, row in zip(events, rows, strict=True) if row < 0]

    def count(self, entries: Entries, unplaced: Sequence[Told]) -> None:
        """Count new events that were `split`; those of products without a row are kept until they get one (`place`)."""
        self.apply(entries)
        self._unplaced.add(unplaced)

    def place(self, products: Sequence[str]) -> None:
        """These products have rows from now on: count the events kept for them."""
        if events := self._unplaced.take(products):
            self.count(*self.split(events))

    def apply(self, events: Entries) -> None:
        """Count new events, in any order; those of unknown products (row -1) and impressions are ignored."""
        entries = taken(events, (events[0] >= 0) & (events[2] > 0))
        if not len(entries[0]) or not self._has_room():
            return
        self._windows.count(entries, self.now, 1)
        self._decayed.enter(entries)
        self._last_purchases.enter(entries)
        self._log.add(taken(entries, entries[1] >= self.now - LONGEST_S))
        self._refresh(entries[0])

    def _has_room(self) -> bool:
        is_full = len(self._log) >= self._most
        if is_full and not self._is_full:
            _logger.warning(
                "no room to count more events until the next bundle; run `shelfwise build`", extra={"kept": len(self._log)}
            )
        self._is_full = is_full
        return not is_full

    def move_shoppers(self, moves: Moves) -> Iterator[None]:
        """Let shoppers become others, from now on and in what was counted before. For forgotten shoppers, take back what was
        counted, as far as a window still holds it.

        The caller can serve requests between the steps. Events may be counted meanwhile; `roll` has to wait.
        """
        self._unplaced.move(moves)
        moved: list[Entries] = []
        bought = np.zeros(len(self._leaf), dtype=bool)
        for found in self._log.move(moves):
            becomes, is_gone = moves.of(found[3])
            gone = taken(found, is_gone)
            self._windows.count(gone, self.now, -1)
            bought[gone[0][gone[2] == PURCHASE]] = True
            self._windows.rename(taken(found, ~is_gone), becomes[~is_gone], self.now)
            if len(found[0]):
                moved.append(found)
            yield
        if not moved:
            return
        yield from self._decayed.move(joined(moved), moves)
        if bought.any():
            yield from self._last_purchases.find(bought)
        touched = distinct(np.concatenate([found[0] for found in moved]))
        for start in range(0, len(touched), AT_ONCE):
            self._refresh(touched[start : start + AT_ONCE])
            yield

    def retract(self, events: Sequence[Told]) -> Iterator[None]:
        """Take back counted events: for each, one that is exactly like it, or none if no window holds one.

        The steps are as in `move_shoppers`.
        """
        if not events:
            return
        were_last = np.zeros(len(self._leaf), dtype=bool)
        for start in range(0, len(events), RETRACTED_AT_ONCE):
            entries, unplaced = self.split(events[start : start + RETRACTED_AT_ONCE])
            for product, moment, kind, shopper in unplaced:
                any(self._unplaced.remove((product, moment + shift, kind, shopper)) for shift in self._shifts)
                yield  # a product may have many
            gone = self._take_out(taken(entries, entries[0] >= 0))
            self._windows.count(gone, self.now, -1)
            self._decayed.leave(gone)
            # A view or cart that was not the day's only one still counts.
            self._decayed.enter(self._log.around(taken(gone, gone[2] != PURCHASE), DAY_S))
            were_last[self._last_purchases.among(gone)] = True
            self._refresh(gone[0])
            yield
        if were_last.any():
            yield from self._last_purchases.find(were_last)
            self._refresh(np.flatnonzero(were_last).astype(np.int32))
            yield

    @property
    def _shifts(self) -> tuple[float, ...]:
        """What may lie between an event's time and the time it is kept with: 0, or `_shift` if it came with the bundle."""
        return (0.0, self._shift) if self._shift else (0.0,)

    def _take_out(self, entries: Entries) -> Entries:
        """The entries that the log had, with the times it had."""
        parts = []
        for shift in self._shifts:
            rows, times, kinds, shoppers = entries
            shifted = (rows, times + shift, kinds, shoppers)
            found = self._log.take_out(shifted)
            parts.append(taken(shifted, found))
            entries = taken(entries, ~found)
        return joined(parts)

    def roll(self, now: float) -> None:
        """Move the windows on to `now`. The counts of a bundle that carries no events stay in them."""
        if now <= self.now:
            return
        before, self.now = self.now, now
        touched = self._windows.roll(self._log, before, now)
        self._log.drop_before(now - LONGEST_S)
        part = self._next_slice
        self._next_slice = (part + 1) % REFRESHED
        touched.append(np.arange(part, len(self._leaf), REFRESHED, dtype=np.int32))
        self._refresh(np.concatenate(touched))

    def catch_up(self, now: float) -> Iterator[None]:
        """`roll` over a long time, as from the bundle's moment to the present, and refresh every product's columns. Otherwise
        some products would keep their old columns for a minute, beside others that are up to date.

        The caller can serve requests between the steps.
        """
        self.roll(now)
        for start in range(0, len(self._leaf), AT_ONCE):
            self._refresh(np.arange(start, min(start + AT_ONCE, len(self._leaf)), dtype=np.int32))
            yield

    def move(self, rows: NDArray[np.int32], before: NDArray[np.int32]) -> None:
        """These rows of the table changed category from `before`: their purchases count in the new one."""
        self._categories.move(rows, before)
        self._refresh(rows)
        self._categories.refresh(distinct(before))

    def _refresh(self, rows: NDArray[np.int32]) -> None:
        """Write the columns of `rows`, and the category columns of the other products in their categories."""
        if not len(rows):
            return
        rows = distinct(rows)
        tallies, values = self._tallies, self._stats.values
        mine = Tallies(**{name: getattr(tallies, name)[rows] for name in Tallies.__dataclass_fields__})
        mine.decayed[:] = self._decayed.at(rows, self.now)
        values[rows] = mine.statistics(self._categories.of(rows), self.now)
        if len(rows) < len(self._leaf):
            self._categories.refresh(distinct(self._leaf[rows]))
