"""Rankers continue counting where their bundle ended: nothing twice, nothing left out, whoever wrote the events."""

import asyncio
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest

from shelfwise_pipeline.building.recent import read_position, write_recent
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.importing import import_events, read_events, snapshot
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.living.statistics import LiveStatistics
from shelfwise_ranker.products import ProductTable
from tests.support.living import event, living_ranker
from tests.support.ranker import publish_ranker
from tests.support.waiting import until_ready

COUNTED = "shelfwise_live_events_total"


async def counted(client: httpx.AsyncClient, events: int) -> None:
    """Waits until so many events were counted; fails if more are counted afterwards."""
    found = -1.0
    async with asyncio.timeout(10):
        while found < events:
            await asyncio.sleep(0.05)
            lines = (await client.get("/metrics")).text.splitlines()
            found = next(float(line.split()[-1]) for line in lines if line.startswith(f"{COUNTED} "))
    await asyncio.sleep(0.6)
    lines = (await client.get("/metrics")).text.splitlines()
    assert next(float(line.split()[-1]) for line in lines if line.startswith(f"{COUNTED} ")) == events


def build_now(built: Path, target: Path, database: str, shown: str | None = None) -> Path:
    """A ranker's folder as a build would leave it now. `shown` replaces the snapshot of the database server."""
    shutil.copytree(built, target)
    with connect(database) as connection, snapshot(connection):
        position = read_position(connection)
        write_recent(target, read_events(connection), position if shown is None else replace(position, snapshot=shown))
    return target


async def test_counting_continues_from_the_snapshot_of_each_new_bundle(
    bundles: Path, built: Path, database: str, tmp_path: Path
) -> None:
    before = build_now(built, tmp_path / "before", database)
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[event(f"a{number}") for number in range(10)])
        await counted(client, 10)
        publish_ranker(bundles, build_now(built, tmp_path / "after", database), "v2")
        await until_ready(client, "v2")
        await counted(client, 10)
        await client.post("/events", json=[event(f"b{number}") for number in range(5)])
        await counted(client, 15)
        publish_ranker(bundles, before, "v3")
        await until_ready(client, "v3")
        await counted(client, 15 + 15)


async def test_a_ranker_that_starts_brings_the_statistics_up_to_now_once(
    bundles: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that replicas that kept running and replicas that were restarted rank products in the same order."""
    moments: list[float] = []
    catch_up = LiveStatistics.catch_up

    def noted(statistics: LiveStatistics, now: float) -> Iterator[None]:
        moments.append(now)
        return catch_up(statistics, now)

    monkeypatch.setattr(LiveStatistics, "catch_up", noted)
    began = time.time()
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[event("a")])
        await counted(client, 1)
    assert [began <= moment <= time.time() for moment in moments] == [True]


async def test_of_two_events_with_the_same_id_only_the_stored_one_is_counted(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[event("a")])
        await counted(client, 1)
        taken = await client.post("/events", json=[event("b", kind="impression"), event("b", kind="purchase")])
        assert (taken.json()["accepted"], taken.json()["conflicting"]) == (1, ["b"])
        await counted(client, 1)


@pytest.mark.parametrize("shown", ["9000000000:9000000000:", ""], ids=["of another server", "of none"])
async def test_a_user_erased_since_the_build_is_not_counted_whatever_the_bundles_server(
    bundles: Path, built: Path, database: str, tmp_path: Path, shown: str
) -> None:
    counted_until = datetime.fromtimestamp(BehaviorStats.load(built, ProductTable.load(built)).as_of, UTC)
    moment = (counted_until - timedelta(days=2)).isoformat()
    bought = [
        event("b1", kind="purchase", user_id="bob", timestamp=moment),
        event("b2", kind="purchase", user_id="bob", timestamp=moment),
        event("a", kind="purchase", user_id="ann", timestamp=moment),
        event("s", kind="purchase", session_id="s1", timestamp=moment),
    ]
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=bought)
        publish_ranker(bundles, build_now(built, tmp_path / "restored", database, shown), "v2")
        await client.post("/users/erase", json={"user_id": "bob"})
        await client.post("/users/merge", json={"user_id": "ann", "session_id": "s1"})
    async with living_ranker(bundles, database) as client:
        await until_ready(client, "v2")
        await until_counted(client, "p001", {"purchases_90d": 2, "buyers_90d": 1})


async def test_events_sent_right_after_an_erasure_are_counted_on_every_replica(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        await one.post("/events", json=event("first"))
        for client in (one, other):
            await counted(client, 1)
        before = await counted_of(one, "p001")
        assert before is not None
        for number in range(5):
            user, session = f"u{number}", f"s{number}"
            await one.post("/events", json=event(f"a{number}", kind="purchase", user_id=user, session_id=session))
            await one.post("/users/erase", json={"user_id": user})
            await one.post("/events", json=event(f"b{number}", kind="purchase", session_id=session))
        await asyncio.sleep(0.6)
        for client in (one, other):
            await until_counted(client, "p001", {name: count + 5 for name, count in before.items()})


@pytest.mark.parametrize("shown", [None, "9000000000:9000000000:"], ids=["of this server", "of another server"])
async def test_events_of_a_product_added_after_a_build_are_counted_on_every_replica(
    bundles: Path, built: Path, database: str, tmp_path: Path, shown: str | None
) -> None:
    counted_until = datetime.fromtimestamp(BehaviorStats.load(built, ProductTable.load(built)).as_of, UTC)
    moment = (counted_until - timedelta(days=2)).isoformat()
    async with living_ranker(bundles, database) as before:
        sent = [
            event("e1", "later", "purchase", user_id="ann", timestamp=moment),
            event("e2", "later", "purchase", user_id="ann"),
            event("e3", "later", "purchase", user_id="bob"),
            event("e4", "later", "purchase", session_id="s1"),
        ]
        await before.post("/events", json=sent)
        publish_ranker(bundles, build_now(built, tmp_path / "now", database, shown), "v2")
        await until_ready(before, "v2")
        async with living_ranker(bundles, database) as after:
            await until_ready(after, "v2")
            await before.post("/users/erase", json={"user_id": "bob"})
            await after.post("/users/merge", json={"user_id": "ann", "session_id": "s1"})
            with connect(database, autocommit=True) as connection:
                connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('later', 'Nail Gel 2 Oz')")
            for client in (before, after):
                await until_counted(client, "later", {"purchases_90d": 3, "buyers_90d": 1})


async def until_counted(client: httpx.AsyncClient, product: str, expected: dict[str, int]) -> None:
    async with asyncio.timeout(10):
        while await counted_of(client, product) != expected:  # noqa: ASYNC110 - the state is the service's
            await asyncio.sleep(0.05)


async def counted_of(client: httpx.AsyncClient, product: str) -> dict[str, int] | None:
    answer = (await client.post("/statistics", json={"product_ids": [product]})).json()
    if answer["values"][0] is None:
        return None
    values = dict(zip(answer["columns"], answer["values"][0], strict=True))
    return {name: round(math.expm1(values[name])) for name in ("purchases_90d", "buyers_90d")}


async def test_a_slow_transaction_is_counted_when_it_commits_and_delays_no_other(
    bundles: Path, built: Path, database: str, tmp_path: Path
) -> None:
    publish_ranker(bundles, build_now(built, tmp_path / "now", database), "v2")
    insert = (
        "INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp) VALUES (%s, 'view', 'p001', 'u', now())"
    )
    async with living_ranker(bundles, database) as client:
        await until_ready(client, "v2")
        with connect(database) as slow:
            slow.execute(insert, ["slow"])
            await client.post("/events", json=[event(f"e{number}") for number in range(3)])
            with connect(database) as other:
                other.execute(insert, ["other"])
            await counted(client, 4)
        await counted(client, 5)


async def test_events_imported_while_the_service_runs_are_counted(
    bundles: Path, built: Path, database: str, tmp_path: Path
) -> None:
    publish_ranker(bundles, build_now(built, tmp_path / "now", database), "v2")
    imported = [event(f"i{number}", f"p{number % 180:03}", "purchase") for number in range(2_500)]
    frame = pl.DataFrame(imported).with_columns(pl.col("timestamp").str.to_datetime(time_unit="us", time_zone="UTC"))
    async with living_ranker(bundles, database) as client:
        await until_ready(client, "v2")
        with connect(database) as connection:
            import_events(connection, frame)
        await counted(client, 2_500)
