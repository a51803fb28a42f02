"""Follows the events that any ranker wrote, so that the statistics of every replica move within a fraction of a second.

It reads what the snapshot of the last look did not show, by transaction and not by time: each event once, however long its
transaction took to commit. After a lost connection it looks at the last transactions again (see `counted`).
"""

import asyncio
import logging
import time
from collections.abc import Sequence

import psycopg
from prometheus_client import CollectorRegistry, Counter, Gauge

from shelfwise.app import Live
from shelfwise.contracts.event import Event
from shelfwise.errors import AnotherHistory, BundleMismatch, DatabaseUnavailable, ShelfwiseError
from shelfwise_ranker.catalog.changes import CatalogChanges
from shelfwise_ranker.living.moves import Moves
from shelfwise_ranker.living.statistics import LiveStatistics
from shelfwise_ranker.living.unplaced import Told
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.shoppers.catalog import follow_catalog
from shelfwise_ranker.shoppers.counted import BEHIND, CountedTransactions
from shelfwise_ranker.shoppers.database import LOST, Connection, Database
from shelfwise_ranker.shoppers.news import events_of, read_news, told
from shelfwise_ranker.shoppers.position import Position
from shelfwise_ranker.shoppers.retracted import Retracted
from shelfwise_ranker.shoppers.storing import Stored

_log = logging.getLogger("shelfwise.ranker")

POLL_S = 0.2
ROLL_S = 1.0
AFTER_DEFECT_S = 5.0
PREPARE_S = 60.0


class Follower:
    """Keeps the statistics of the served bundle up to date; `run` is a task of the lifespan."""

    def __init__(self, database: Database, live: Live[Ranker], registry: CollectorRegistry) -> None:
        self._database = database
        self._live = live
        self._transactions = CountedTransactions()
        self._statistics: LiveStatistics | None = None
        self._position: Position | None = None
        self._retracted: list[Retracted] = []  # to be taken back as soon as they are counted
        self._is_first_look = True
        self._is_new_connection = True
        self._counted_from = 0  # a transaction; earlier ones are not looked at again
        self._complete_at = time.monotonic()  # when it last had every change of the catalog
        self._left_behind: str | None = None  # why the catalog's changes are not followed
        self._rolled_at = 0.0
        self._seen_at = time.monotonic()
        self._counted = Counter("shelfwise_live_events_total", "Events counted in the live statistics.", registry=registry)
        Gauge("shelfwise_live_lag_seconds", "Seconds since the last check for new events.", registry=registry).set_function(
            lambda: time.monotonic() - self._seen_at
        )

    @property
    def database_up(self) -> bool:
        return self._database.problem is None

    @property
    def problem(self) -> str | None:
        """Why the catalog's changes do not arrive."""
        return self._database.problem or self._left_behind

    @property
    def applied(self) -> int | None:
        """The number of the last catalog change that the served ranker has."""
        catalog = self._live.engine.catalog if self._live.ready else None
        return catalog.last_change if catalog is not None else None

    @property
    def lag_s(self) -> float:
        """Seconds since the ranker last had everything in the catalog's log."""
        return time.monotonic() - self._complete_at

    def begin(self, stored: Stored) -> None:
        """A transaction of this process is about to commit."""
        self._transactions.begin(stored.transaction)
        position, change = self._position, stored.last_change
        if position is not None and change is not None and not position.shows(change):
            # If it were counted now, what a shopper does after an erasure would be taken back with what came before it.
            self._transactions.left(stored.transaction)

    def committed(self, events: Sequence[Event], stored: Stored) -> None:
        """Count this process's own events at once, unless they are left to be read."""
        if self._statistics is None or not self._transactions.is_running(stored.transaction):
            self._transactions.left(stored.transaction)
        else:
            try:
                self._count(_told_of_own(events, stored))
            finally:  # what a defect left half counted must not be counted again
                self._transactions.counted(stored.transaction)

    def doubtful(self, stored: Stored) -> None:
        """This process does not know whether its transaction was committed; PostgreSQL does."""
        if self._transactions.is_running(stored.transaction):
            self._transactions.doubtful(stored.transaction)

    async def run(self) -> None:
        """Look for news again and again, forever; a lost database is waited for."""
        while True:
            try:
                connection = await self._database.connected()
                try:
                    await self._follow(connection)
                finally:
                    await connection.close()
            except DatabaseUnavailable:
                pass
            except LOST as error:
                self._database.lost(error)
            except psycopg.Error:
                # For example, the schema of another release. Ranking continues with the bundle's statistics.
                _log.exception("events cannot be followed")
                await asyncio.sleep(AFTER_DEFECT_S)
            await asyncio.sleep(POLL_S)

    async def _follow(self, connection: Connection) -> None:
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        self._is_new_connection = True
        while True:
            if self._live.ready:
                await self.look(connection)
            await asyncio.sleep(POLL_S)

    async def look(self, connection: Connection) -> None:
        """Read and count what is new."""
        statistics = self._live.engine.living
        if statistics is None:
            return
        if statistics is not self._statistics:
            self._start_over(statistics)
        seen, look_again = self._position, self._is_new_connection and not self._is_first_look
        if seen is not None and look_again:
            seen = seen.before(max(self._counted_from, seen.xmax - BEHIND))
        await self._settle(connection, seen)
        async with connection.transaction():
            # First, so that events of a new product find its row.
            await self._follow_catalog(connection, self._live.engine.catalog)
            news = await read_news(
                connection,
                statistics,
                seen,
                lambda: self._transactions.to_skip(from_behind=look_again),
                is_first=self._is_first_look,
            )
        # Nothing can fail from here on, so nothing is counted twice.
        if self._is_first_look and not news.by_time:  # else they are among what was just read
            statistics.count(*statistics.split(statistics.read_later))
        if news.moves:  # from one erasure, or from all logins since the bundle was built
            for _ in statistics.move_shoppers(news.moves):
                await asyncio.sleep(0)
        self._retracted += news.retracted
        if self._is_first_look:
            self._counted_from = news.seen.xmax
        self._position = news.position
        was_first_look, self._is_first_look, self._is_new_connection = self._is_first_look, False, False
        self._transactions.read(news.transactions, news.position)
        await self._take_back(statistics, news.moves)
        for entries, unplaced in news.events:
            statistics.count(entries, unplaced)
            self._counted.inc(len(entries[0]))
            await asyncio.sleep(0)
        self._seen_at = time.monotonic()
        if was_first_look:
            self._rolled_at = self._seen_at
            for _ in statistics.catch_up(time.time()):
                await asyncio.sleep(0)
        elif self._seen_at - self._rolled_at > ROLL_S:
            self._rolled_at = self._seen_at
            statistics.roll(time.time())

    def _start_over(self, statistics: LiveStatistics) -> None:
        """Another bundle is served: its statistics contain what its build has read."""
        self._statistics = statistics
        self._transactions.start_over()
        self._retracted = []
        self._position = Position.of(statistics.snapshot) if statistics.snapshot is not None else None
        self._is_first_look = True

    async def prepare(self, ranker: Ranker) -> None:
        """Give a bundle the catalog's later changes before it is served; if the database is away, it is served without them.

        Raises:
            BundleMismatch: the change log does not go back to where the bundle ends.
        """
        try:
            await self._database.run(lambda connection: follow_catalog(connection, ranker.catalog), within_s=PREPARE_S)
        except BundleMismatch:
            raise
        except (ShelfwiseError, psycopg.Error) as error:
            _log.warning("a bundle is served without the catalog's latest changes", extra={"problem": str(error)})

    async def _follow_catalog(self, connection: Connection, catalog: CatalogChanges | None) -> None:
        try:
            await follow_catalog(connection, catalog)
            self._complete_at = time.monotonic()
            self._left_behind = None
        except (BundleMismatch, AnotherHistory) as error:
            if error.message != self._left_behind:
                self._left_behind = error.message
                _log.warning("the catalog's changes are not followed any more", extra={"problem": error.message})

    async def _settle(self, connection: Connection, position: Position | None) -> None:
        """Count the events of transactions whose commit was not answered, if there are any and reading has passed them."""
        for transaction in list(self._transactions.unsure):
            found: list[Told] = []
            if position is not None and position.shows(transaction):
                found = await events_of(connection, transaction)
            if transaction not in self._transactions.unsure:  # its number was reused meanwhile
                continue
            if found:
                self._count(found)
                self._transactions.counted(transaction)
            else:
                self._transactions.left(transaction)

    async def _take_back(self, statistics: LiveStatistics, moves: Moves) -> None:
        """Take back the retracted events that are counted; `moves`: which of their shoppers have become others."""
        retracted = [one for earlier in self._retracted if (one := earlier.moved(moves)) is not None]
        self._retracted = [one for one in retracted if self._transactions.is_running(one.written_by)]
        counted = [one.event for one in retracted if not self._transactions.is_running(one.written_by)]
        for _ in statistics.retract(counted):
            await asyncio.sleep(0)

    def _count(self, events: Sequence[Told]) -> None:
        if self._statistics is not None and events:
            self._statistics.count(*self._statistics.split(events))
            self._counted.inc(len(events))


def _told_of_own(events: Sequence[Event], stored: Stored) -> list[Told]:
    """The new ones of `events`, with the user that a session has become; of equal ids the first, which is stored."""
    first = {event.event_id: event for event in reversed(events)}
    return [
        told(event.product_id, event.timestamp.timestamp(), event.type, stored.new[key], event.session_id)
        for key, event in first.items()
        if key in stored.new and event.type != "impression"
    ]
