"""Takes events from many callers and commits them together: whatever waits while one transaction runs is in the next one."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import psycopg
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shelfwise.contracts.event import Event, EventsResponse
from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Internal, Overloaded, ShelfwiseError
from shelfwise_ranker.shoppers.database import Database
from shelfwise_ranker.shoppers.storing import Stored, store

_log = logging.getLogger("shelfwise.ranker")

GROUP = 5_000
"""The maximum number of events in one transaction, unless one call has more."""

WRITE_TIMEOUT_S = 10.0


class Journal(Protocol):
    """Notified of every transaction, before any caller gets a response."""

    def begin(self, stored: Stored) -> None:
        """The transaction is about to commit."""
        ...

    def committed(self, events: Sequence[Event], stored: Stored) -> None: ...

    def doubtful(self, stored: Stored) -> None:
        """The commit began, and its response was lost."""
        ...


@dataclass(frozen=True, slots=True)
class _Call:
    events: Sequence[Event]
    answer: "asyncio.Future[EventsResponse]"


class EventWriter:
    """A bounded queue in front of the table of events; `run` is a task of the lifespan."""

    def __init__(
        self,
        database: Database,
        limit: int,
        known_products: Callable[[], Collection[str]],
        journal: Journal,
        registry: CollectorRegistry,
    ) -> None:
        """`limit`: events that may wait. `known_products`: the products of the served bundle; others are looked up."""
        self._database = database
        self._limit = limit
        self._known_products = known_products
        self._journal = journal
        self._calls: deque[_Call] = deque()
        self._waiting = 0
        self._arrived = asyncio.Event()
        self._stored = Counter("shelfwise_events_total", "Events that were committed.", registry=registry)
        self._groups = Histogram(
            "shelfwise_event_group_size", "Events in one transaction.", buckets=(1, 10, 100, 1000, 5000), registry=registry
        )
        Gauge("shelfwise_events_waiting", "Events that wait to be committed.", registry=registry).set_function(
            lambda: self._waiting
        )

    async def write(self, events: Sequence[Event], deadline: Deadline | None) -> EventsResponse:
        """Return once the events are committed.

        Raises:
            Overloaded: as many events wait as are allowed to; nothing was stored.
            DatabaseUnavailable, DeadlineExceeded: it is not known whether the events are stored; sending them again is safe.
        """
        if self._waiting + len(events) > self._limit and self._waiting:
            raise Overloaded(
                f"the queue is full: {self._waiting} events wait to be written, the limit is "
                f"{self._limit}; try again in a second"
            )
        call = _Call(events, asyncio.get_running_loop().create_future())
        self._calls.append(call)
        self._waiting += len(events)
        self._arrived.set()
        try:
            async with asyncio.timeout(None if deadline is None else deadline.remaining_s):
                return await call.answer
        except TimeoutError as error:
            raise DeadlineExceeded("the events could not be written before the deadline; sending them again is safe") from error

    async def run(self) -> None:
        """Write whatever arrives, forever."""
        while True:
            await self._arrived.wait()
            await self._write_group(self._next_group())
            if not self._calls:
                self._arrived.clear()

    def _next_group(self) -> list[_Call]:
        group: list[_Call] = []
        size = 0
        while self._calls and (not group or size + len(self._calls[0].events) <= GROUP):
            call = self._calls.popleft()
            self._waiting -= len(call.events)
            if not call.answer.done():  # else its caller has gone
                group.append(call)
                size += len(call.events)
        return group

    async def _write_group(self, group: list[_Call]) -> None:
        if not group:
            return
        events = [event for call in group for event in call.events]
        begun: list[Stored] = []

        def begin(stored: Stored) -> None:
            begun.append(stored)
            self._journal.begin(stored)

        try:
            stored = await self._database.run(
                lambda connection: store(connection, events, self._known_products(), begin), within_s=WRITE_TIMEOUT_S
            )
        except ShelfwiseError as error:
            self._doubt(begun)
            _refuse(group, error)
        except psycopg.Error as error:
            self._doubt(begun)
            # One call with something that PostgreSQL refuses must not fail the other calls.
            if len(group) > 1:
                for call in group:
                    await self._write_group([call])
            else:
                _refuse(group, Internal(f"PostgreSQL refused the events: {type(error).__name__}"))
        except Exception:  # a defect must not end the writer: every later call would wait in vain
            _log.exception("events could not be written", extra={"events": len(events)})
            self._doubt(begun)
            _refuse(group, Internal("an unexpected error, see the service's log; sending the events again is safe"))
        else:
            self._groups.observe(len(events))
            self._stored.inc(len(stored.new))
            self._tell(events, stored)
            _answer(group, stored)

    def _tell(self, events: Sequence[Event], stored: Stored) -> None:
        try:
            self._journal.committed(events, stored)
        except Exception:  # the events are stored, even if counting them failed
            _log.exception("events were stored, but not all of them are counted", extra={"events": len(events)})

    def _doubt(self, begun: Sequence[Stored]) -> None:
        for stored in begun:
            self._journal.doubtful(stored)


def _answer(group: Sequence[_Call], stored: Stored) -> None:
    """Give every call the result for its own events; an id that several calls sent is new for the first of them."""
    left = set(stored.new)
    for call in group:
        new = 0
        for event in call.events:
            if event.event_id in left:
                left.discard(event.event_id)
                new += 1
        ids = {event.event_id for event in call.events}
        products = {event.product_id for event in call.events}
        if not call.answer.done():
            call.answer.set_result(
                EventsResponse.model_construct(
                    accepted=new,
                    duplicates=len(call.events) - new,
                    conflicting=sorted(stored.conflicting & ids),
                    unknown_products=sorted(stored.unknown_products & products),
                )
            )


def _refuse(group: Sequence[_Call], error: ShelfwiseError) -> None:
    for call in group:
        if not call.answer.done():
            call.answer.set_exception(error)
