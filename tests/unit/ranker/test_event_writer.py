"""The event writer without a database: grouping calls into few transactions, refusals, and what each caller is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from shelfwise.contracts.event import Event
from shelfwise.deadline import Deadline
from shelfwise.errors import DatabaseUnavailable, DeadlineExceeded, Internal, Overloaded
from shelfwise_ranker.shoppers import writing
from shelfwise_ranker.shoppers.storing import Stored
from shelfwise_ranker.shoppers.writing import GROUP, EventWriter
from tests.support.living import event


class Table:
    """Stands in for PostgreSQL: remembers ids, and can be slow, be away, or refuse a product."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.groups: list[int] = []
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.away = False
        self.lost_after_commit = False

    async def run(
        self, work: Callable[[Any], Awaitable[Stored]], deadline: Deadline | None = None, *, within_s: float
    ) -> Stored:
        await self.may_commit.wait()
        if self.away:
            raise DatabaseUnavailable("away")
        return await work(self)

    def store(self, events: Sequence[Event], begin: Callable[[Stored], None]) -> Stored:
        if any(event.product_id == "refused" for event in events):
            raise psycopg.DataError("refused")
        if any(event.product_id == "unheard of" for event in events):
            raise IndexError("a defect in storing")
        self.groups.append(len(events))
        new = {event.event_id: event.user_id for event in events if event.event_id not in self.ids}
        stored = Stored(len(self.groups), new, frozenset(), frozenset({"unknown"}))
        begin(stored)
        self.ids |= new.keys()
        if self.lost_after_commit:
            raise DatabaseUnavailable("went away")
        return stored


class Journal:
    def __init__(self) -> None:
        self.told: list[str] = []

        self.defect: Exception | None = None

    def begin(self, stored: Stored) -> None:
        self.told.append("begin")

    def committed(self, events: Sequence[Event], stored: Stored) -> None:
        self.told.append("committed")
        if self.defect is not None:
            raise self.defect

    def doubtful(self, stored: Stored) -> None:
        self.told.append("doubtful")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    async def store(connection: Table, events: Sequence[Event], known: object, begin: Callable[[Stored], None]) -> Stored:
        return connection.store(events, begin)

    monkeypatch.setattr(writing, "store", store)
    return Table()


@asynccontextmanager
async def writer_of(
    table: Table, limit: int = 10_000, journal: Journal | None = None, registry: CollectorRegistry | None = None
) -> AsyncIterator[EventWriter]:
    registry = registry or CollectorRegistry()
    writer = EventWriter(table, limit, lambda: (), journal or Journal(), registry)  # type: ignore[arg-type]
    running = asyncio.create_task(writer.run())
    yield writer
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def some(prefix: str, count: int = 3, product: str = "p") -> list[Event]:
    return [Event.model_validate(event(f"{prefix}{number}", product)) for number in range(count)]


async def test_calls_that_wait_for_a_commit_share_one_transaction(table: Table) -> None:
    async with writer_of(table) as writer:
        table.may_commit.clear()
        calls = [asyncio.create_task(writer.write(some(f"c{call}-"), None)) for call in range(10)]
        await asyncio.sleep(0.01)
        table.may_commit.set()
        answers = await asyncio.gather(*calls)
    assert len(table.groups) <= 2
    assert [answer.accepted for answer in answers] == [3] * 10


async def test_an_event_id_sent_by_concurrent_calls_is_new_only_for_the_first(table: Table) -> None:
    async with writer_of(table) as writer:
        table.may_commit.clear()
        calls = [asyncio.create_task(writer.write([*some("same-"), *some(f"c{call}-", 1)], None)) for call in range(3)]
        await asyncio.sleep(0.01)
        table.may_commit.set()
        answers = await asyncio.gather(*calls)
    assert [(answer.accepted, answer.duplicates) for answer in answers] == [(4, 0), (1, 3), (1, 3)]


async def test_no_transaction_exceeds_the_group_size(table: Table) -> None:
    async with writer_of(table, limit=20_000) as writer:
        table.may_commit.clear()
        calls = [asyncio.create_task(writer.write(some(f"c{call}-", 1000), None)) for call in range(12)]
        await asyncio.sleep(0.01)
        table.may_commit.set()
        await asyncio.gather(*calls)
    assert max(table.groups) <= GROUP
    assert sum(table.groups) == 12_000


async def test_events_beyond_the_waiting_limit_are_refused_at_once_and_not_stored(table: Table) -> None:
    async with writer_of(table, limit=5) as writer:
        table.may_commit.clear()
        first = asyncio.create_task(writer.write(some("first-", 5), None))
        await asyncio.sleep(0.01)  # it is being written now
        second = asyncio.create_task(writer.write(some("second-", 5), None))
        await asyncio.sleep(0.01)
        with pytest.raises(Overloaded, match="5 events wait to be written"):
            await writer.write(some("third-", 1), None)
        table.may_commit.set()
        await asyncio.gather(first, second)
    assert not any(event_id.startswith("third") for event_id in table.ids)


async def test_metrics_count_the_waiting_events_and_the_new_ones(table: Table) -> None:
    registry = CollectorRegistry()
    async with writer_of(table, registry=registry) as writer:
        table.may_commit.clear()
        first = asyncio.create_task(writer.write(some("a-"), None))
        await asyncio.sleep(0.01)  # it is being written now
        second = asyncio.create_task(writer.write(some("a-", 5), None))
        await asyncio.sleep(0.01)
        assert registry.get_sample_value("shelfwise_events_waiting") == 5
        table.may_commit.set()
        await asyncio.gather(first, second)
    assert registry.get_sample_value("shelfwise_events_waiting") == 0
    assert registry.get_sample_value("shelfwise_events_total") == 5, "three of them were sent twice"


async def test_events_that_postgresql_refuses_fail_only_their_own_call(table: Table) -> None:
    async with writer_of(table) as writer:
        table.may_commit.clear()
        wanted = [some("a-"), some("b-", product="refused"), some("c-")]
        calls = [asyncio.create_task(writer.write(events, None)) for events in wanted]
        await asyncio.sleep(0.01)
        table.may_commit.set()
        good, bad, also_good = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(bad, Internal)
    assert "refused" not in bad.message.removeprefix("PostgreSQL refused"), "what PostgreSQL says is not for callers"
    assert not isinstance(good, BaseException)
    assert not isinstance(also_good, BaseException)
    assert len(table.ids) == 6


async def test_a_lost_database_fails_all_waiting_calls_and_the_next_call_is_written(table: Table) -> None:
    journal = Journal()
    async with writer_of(table, journal=journal) as writer:
        table.away = True
        for told in await asyncio.gather(*(writer.write(some(f"{call}-"), None) for call in range(3)), return_exceptions=True):
            assert isinstance(told, DatabaseUnavailable)
        assert journal.told == []
        table.away, table.lost_after_commit = False, True
        with pytest.raises(DatabaseUnavailable):
            await writer.write(some("lost-"), None)
        assert journal.told == ["begin", "doubtful"]
        table.lost_after_commit = False
        again = await writer.write(some("lost-"), None)
    assert (again.accepted, again.duplicates) == (0, 3)
    assert journal.told[2:] == ["begin", "committed"]


async def test_events_of_a_call_past_its_deadline_are_not_written(table: Table) -> None:
    async with writer_of(table) as writer:
        table.may_commit.clear()
        first = asyncio.create_task(writer.write(some("first-"), None))
        await asyncio.sleep(0.01)
        with pytest.raises(DeadlineExceeded, match="sending them again is safe"):
            await writer.write(some("late-"), Deadline.after_ms(10))
        table.may_commit.set()
        await first
        await writer.write(some("next-"), None)
    assert not any(event_id.startswith("late") for event_id in table.ids)


async def test_a_defect_in_storing_or_counting_does_not_stop_the_writer(table: Table, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal()
    async with writer_of(table, journal=journal) as writer:
        with pytest.raises(Internal, match="sending the events again is safe"):
            await writer.write(some("a-", product="unheard of"), Deadline.after_ms(5_000))
        journal.defect = IndexError("a defect in counting")
        assert (await writer.write(some("b-"), Deadline.after_ms(5_000))).accepted == 3, "they are stored"
        journal.defect = None
        assert (await writer.write(some("c-"), Deadline.after_ms(5_000))).accepted == 3
    assert "a defect in storing" in caplog.text
    assert "a defect in counting" in caplog.text
