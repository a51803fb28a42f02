"""PostgreSQL crashes and reuses the numbers of lost transactions: each event is still counted exactly once."""

import asyncio
from pathlib import Path

import pytest

from shelfwise_pipeline.database import connect
from shelfwise_ranker.shoppers.following import Follower
from shelfwise_ranker.shoppers.storing import Stored
from tests.contract.ranker.test_following import build_now, counted
from tests.support.living import event, living_ranker, until_answered
from tests.support.postgres import KillablePostgres
from tests.support.ranker import publish_ranker
from tests.support.waiting import until_ready

INSERT = "INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp) VALUES (%s, 'view', 'p001', 'u', now())"
NUMBER = "SELECT pg_current_xact_id()::text::bigint"


@pytest.fixture
def server(killable_postgres: KillablePostgres) -> KillablePostgres:
    """A server that writes to disk only what is committed, for ten seconds; only the test uses transaction numbers."""
    quiet = {"wal_writer_delay": "10s", "wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"}
    with connect(killable_postgres.url, autocommit=True) as connection:
        for name, value in quiet.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("CHECKPOINT")
    killable_postgres.kill()
    killable_postgres.revive()
    with connect(killable_postgres.url) as connection:
        assert connection.execute("SHOW wal_level").fetchone() == ("minimal",)
    return killable_postgres


@pytest.fixture
def lost(server: KillablePostgres, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Kills the server right before the ranker's second transaction commits; the numbers of its transactions."""
    numbers: list[int] = []
    begin = Follower.begin

    def begin_and_die(follower: Follower, stored: Stored) -> None:
        begin(follower, stored)
        numbers.append(stored.transaction)
        if len(numbers) == 2:
            server.kill()

    monkeypatch.setattr(Follower, "begin", begin_and_die)
    return numbers


def number_of(server: KillablePostgres, event_id: str) -> int:
    with connect(server.url) as connection:
        row = connection.execute(
            "SELECT transaction::text::bigint FROM behavior.events WHERE event_id = %s", [event_id]
        ).fetchone()
    assert row is not None
    return int(row[0])


async def test_events_sent_again_under_the_lost_number_are_counted_once(
    bundles: Path, server: KillablePostgres, lost: list[int]
) -> None:
    again = [event(f"b{number}") for number in range(5)]
    async with living_ranker(bundles, server.url) as client:
        await client.post("/events", json=[event(f"a{number}") for number in range(3)])
        await counted(client, 3)
        assert (await client.post("/events", json=again)).status_code == 503
        server.revive()
        assert (await until_answered(client, "/events", again)).json()["accepted"] == 5
        assert number_of(server, "b0") == lost[1]
        await counted(client, 8)


async def test_an_event_that_another_writes_under_the_lost_number_is_counted(
    bundles: Path, server: KillablePostgres, lost: list[int]
) -> None:
    async with living_ranker(bundles, server.url) as client:
        await client.post("/events", json=[event(f"a{number}") for number in range(3)])
        await counted(client, 3)
        assert (await client.post("/events", json=[event("b")])).status_code == 503
        server.revive()
        with connect(server.url) as other:
            other.execute(INSERT, ["other"])
        assert number_of(server, "other") == lost[1]
        await until_answered(client, "/events", [event("b")])
        await counted(client, 5)


@pytest.mark.parametrize("with_snapshot", [False, True])
async def test_an_event_under_the_number_of_a_transaction_seen_rolled_back_is_counted(
    bundles: Path, built: Path, server: KillablePostgres, tmp_path: Path, with_snapshot: bool
) -> None:
    with connect(server.url) as early:
        early.execute(INSERT, ["early"])
        early.execute("UPDATE behavior.events SET transaction = NULL")
    if with_snapshot:
        publish_ranker(bundles, build_now(built, tmp_path / "now", server.url), "v2")
    async with living_ranker(bundles, server.url) as client:
        if with_snapshot:
            await until_ready(client, "v2")
        await client.post("/events", json=[event(f"a{number}") for number in range(3)])
        with connect(server.url) as other:
            other.execute(INSERT, ["read"])
        early_counted = 0 if with_snapshot else 1  # with a snapshot, the bundle contains it
        await counted(client, early_counted + 4)
        with connect(server.url) as other:
            (number,) = other.execute(NUMBER).fetchone() or (0,)
            other.rollback()
        await asyncio.sleep(0.6)  # long enough for the ranker to look three times
        server.kill()
        server.revive()
        with connect(server.url) as other:
            other.execute(INSERT, ["later"])
        assert number_of(server, "later") == number
        await counted(client, early_counted + 5)


async def test_a_lost_connection_alone_counts_nothing_twice(
    bundles: Path, built: Path, server: KillablePostgres, tmp_path: Path
) -> None:
    with connect(server.url) as other:
        other.execute(INSERT, ["before the bundle"])
    publish_ranker(bundles, build_now(built, tmp_path / "now", server.url), "v2")
    async with living_ranker(bundles, server.url) as client:
        await until_ready(client, "v2")
        for number in range(3):
            await client.post("/events", json=[event(f"a{number}")])
            with connect(server.url) as other:
                other.execute(INSERT, [f"other {number}"])
        await counted(client, 6)
        with connect(server.url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shelfwise-ranker'")
        await until_answered(client, "/events", [event("b")])
        await counted(client, 7)
