"""Retracted events no longer count anywhere: not in histories, not on any replica, not after a restart."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shelfwise.contracts.event import Event
from shelfwise_pipeline.database import connect
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.shoppers import writing
from shelfwise_ranker.shoppers.database import Connection
from shelfwise_ranker.shoppers.storing import Stored, store
from tests.contract.ranker.test_following import build_now, counted_of, until_counted
from tests.contract.ranker.test_users_route import count, products_of
from tests.support.living import event, living_ranker
from tests.support.ranker import publish_ranker
from tests.support.waiting import until_ready


def answer(retracted: int = 0, already: int = 0, unknown: Sequence[str] = ()) -> dict[str, Any]:
    return {"retracted": retracted, "already_retracted": already, "unknown_events": list(unknown)}


async def test_retracted_events_are_in_no_history_and_cannot_be_sent_again(bundles: Path, database: str) -> None:
    sent = [event(f"e{number}", f"p00{number}", ago_s=10 * number) for number in (1, 2, 3)]
    asked = {"event_ids": ["e1", "e3", "e1", "never came"]}
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[*sent, event("shown", kind="impression")])
        first = await client.post("/events/retract", json=asked)
        assert (first.status_code, first.json()) == (200, answer(2, unknown=["never came"]))
        assert await products_of(client, user_id="u1") == ["p002"]
        assert (await client.post("/events/retract", json=asked)).json() == answer(already=2, unknown=["never came"])
        again = await client.post("/events", json=[*sent, event("never came")])
        assert again.json() == {"accepted": 0, "duplicates": 4, "conflicting": [], "unknown_products": []}
        assert (await client.post("/events/retract", json={"event_ids": ["shown"]})).json() == answer(1)
        assert await products_of(client, user_id="u1") == ["p002"]
    assert count(database, "events") == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"event_ids": []}, "event_ids"),
        ({"event_ids": [f"e{number}" for number in range(1001)]}, "event_ids"),
        ({"event_ids": ["a\0b"]}, "event_ids"),
        ({"event_ids": ["e1"], "why": "cancelled"}, "why"),
    ],
    ids=range(4),
)
async def test_an_invalid_retraction_retracts_nothing(bundles: Path, database: str, body: dict[str, Any], said: str) -> None:
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=event("e1"))
        refused = await client.post("/events/retract", json=body)
    assert refused.status_code == 422
    assert said in refused.json()["error"]["message"]
    assert count(database, "events") == 1
    assert count(database, "retractions") == 0


async def test_every_replica_subtracts_only_what_it_had_counted(
    bundles: Path, built: Path, database: str, tmp_path: Path
) -> None:
    publish_ranker(bundles, build_now(built, tmp_path / "now", database), "v2")
    bought = [event(f"e{number}", kind="purchase", ago_s=60, user_id="ann") for number in range(3)]
    alike = [one | {"timestamp": bought[0]["timestamp"]} for one in bought]
    of_session = event("s", kind="purchase", session_id="s1")
    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        for client in (one, other):
            await until_ready(client, "v2")
        await one.post("/events", json=[*alike, of_session])
        for client in (one, other):
            await until_counted(client, "p001", {"purchases_90d": 4, "buyers_90d": 2})
        await other.post("/events/retract", json={"event_ids": ["e0"]})
        for client in (one, other):
            await until_counted(client, "p001", {"purchases_90d": 3, "buyers_90d": 2})
        # All at once, and a merge in between: the replicas then read all of it together.
        await one.post("/events/retract", json={"event_ids": ["s"]})
        await one.post("/users/merge", json={"session_id": "s1", "user_id": "bob"})
        await other.post("/events/retract", json={"event_ids": ["e1"]})
        await one.post("/events", json=event("b", kind="purchase", user_id="bob"))
        for client in (one, other):
            await until_counted(client, "p001", {"purchases_90d": 2, "buyers_90d": 2})
        # When its retraction is read, such an event was counted by its writer alone, or by no replica yet.
        for number in range(20):
            await one.post("/events", json=alike[2] | {"event_id": f"q{number}"})
            await other.post("/events/retract", json={"event_ids": [f"q{number}"]})
        await one.post("/events", json=event("last", kind="purchase", user_id="dan"))
        for client in (one, other):
            await until_counted(client, "p001", {"purchases_90d": 3, "buyers_90d": 3})


async def test_events_written_and_retracted_at_the_same_time_count_nowhere(
    bundles: Path, built: Path, database: str, tmp_path: Path
) -> None:
    publish_ranker(bundles, build_now(built, tmp_path / "now", database), "v2")
    calls = [[event(f"{call}-{number}", kind="purchase") for number in range(5)] for call in range(20)]
    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        for client in (one, other):
            await until_ready(client, "v2")
        requests = []
        for call in calls:
            ids = [sent["event_id"] for sent in call]
            requests += [
                one.post("/events", json=call),
                other.post("/events/retract", json={"event_ids": ids}),
                other.post("/events", json=call),
            ]
        answers = await asyncio.gather(*requests)
        assert {answer.status_code for answer in answers} == {200, 202}
        assert count(database, "events") == 0
        await one.post("/events", json=event("last", kind="purchase"))
        for client in (one, other):
            await until_counted(client, "p001", {"purchases_90d": 1, "buyers_90d": 1})


async def test_an_event_counted_after_its_retraction_was_read_is_subtracted_then(
    bundles: Path, built: Path, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_ranker(bundles, build_now(built, tmp_path / "now", database), "v2")
    committed, go_on = asyncio.Event(), asyncio.Event()

    async def store_and_wait(
        connection: Connection, events: Sequence[Event], known: Collection[str], begin: Callable[[Stored], None]
    ) -> Stored:
        stored = await store(connection, events, known, begin)
        committed.set()
        await go_on.wait()
        return stored

    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        for client in (one, other):
            await until_ready(client, "v2")
        with monkeypatch.context() as patched:
            patched.setattr(writing, "store", store_and_wait)
            sending = asyncio.create_task(one.post("/events", json=event("e1", kind="purchase")))
            await committed.wait()
        retracted = await other.post("/events/retract", json={"event_ids": ["e1"]})
        assert retracted.json() == answer(1)
        await other.post("/events", json=event("e2", kind="purchase"))
        await until_counted(one, "p001", {"purchases_90d": 1, "buyers_90d": 1})  # so it has read the retraction as well
        go_on.set()
        assert (await sending).json()["accepted"] == 1
        await until_counted(one, "p001", {"purchases_90d": 1, "buyers_90d": 1})
        await asyncio.sleep(0.6)  # long enough for the ranker to look three times
        assert await counted_of(one, "p001") == {"purchases_90d": 1, "buyers_90d": 1}


@pytest.mark.parametrize("shown", [None, "9000000000:9000000000:", ""], ids=["of this server", "of another", "of none"])
async def test_a_ranker_starting_from_an_older_bundle_leaves_out_retracted_events(
    bundles: Path, built: Path, database: str, tmp_path: Path, shown: str | None
) -> None:
    counted_until = datetime.fromtimestamp(BehaviorStats.load(built, ProductTable.load(built)).as_of, UTC)
    moment = (counted_until - timedelta(days=2)).isoformat()
    before = [event(f"b{number}", kind="purchase", user_id=f"u{number}", timestamp=moment) for number in range(4)]
    of_session = event("s", kind="purchase", session_id="s1", timestamp=moment)
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[*before, of_session])
        await client.post("/events/retract", json={"event_ids": ["b3"]})
        publish_ranker(bundles, build_now(built, tmp_path / "now", database, shown), "v2")
        await client.post("/events", json=[event(f"a{number}", kind="purchase", user_id=f"u{number}") for number in range(3)])
        await client.post("/users/merge", json={"session_id": "s1", "user_id": "u0"})
        retracted = await client.post("/events/retract", json={"event_ids": ["b0", "b1", "a1", "a2", "s"]})
        assert retracted.json() == answer(5)
        await until_ready(client, "v2")
        async with living_ranker(bundles, database) as started:
            await until_ready(started, "v2")
            for ranker in (client, started):
                await until_counted(ranker, "p001", {"purchases_90d": 2, "buyers_90d": 2})


async def test_a_lost_connection_subtracts_no_retraction_twice(
    bundles: Path, built: Path, database: str, tmp_path: Path
) -> None:
    publish_ranker(bundles, build_now(built, tmp_path / "now", database), "v2")
    alike = [event("e0", kind="purchase") | {"event_id": f"e{number}"} for number in range(3)]
    async with living_ranker(bundles, database) as client:
        await until_ready(client, "v2")
        await client.post("/events", json=alike)
        await client.post("/events/retract", json={"event_ids": ["e0"]})
        await until_counted(client, "p001", {"purchases_90d": 2, "buyers_90d": 1})
        with connect(database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shelfwise-ranker'")
            other.execute(
                "INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp) "
                "VALUES ('other', 'purchase', 'p001', 'u2', now())"
            )
        await until_counted(client, "p001", {"purchases_90d": 3, "buyers_90d": 2})


async def test_an_erasure_removes_the_users_retractions(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        sent = [event("a", user_id="ann"), event("s", session_id="s1"), event("b", user_id="bob"), event("kept", user_id="ann")]
        await client.post("/events", json=sent)
        await client.post("/events/retract", json={"event_ids": ["a", "b", "s", "unknown"]})
        await client.post("/users/merge", json={"session_id": "s1", "user_id": "ann"})
        erased = await client.post("/users/erase", json={"user_id": "ann"})
        assert erased.json() == {"events": 1, "sessions": 1, "logged_requests": 0}
    with connect(database) as connection:
        left = connection.execute("SELECT event_id FROM behavior.retractions ORDER BY event_id").fetchall()
    assert left == [("b",), ("unknown",)]


async def test_an_erasure_covers_sessions_and_rankings_known_only_by_retracted_events(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        before_login = event("v", session_id="s1", ago_s=900)
        cancelled = event("o", kind="purchase", user_id="ann", session_id="s1", request_id="r1")
        await client.post("/events", json=[before_login, cancelled])
        with connect(database) as connection:
            connection.execute(
                "INSERT INTO behavior.rankings (request_id, asked_at, bundle, kind, features, product_ids, matrix) "
                "VALUES ('r1', 0, 'b', 'text', 'f', '{p001}', ''), ('r2', 0, 'b', 'text', 'f', '{p001}', '')"
            )
        await client.post("/events/retract", json={"event_ids": ["o"]})
        erased = await client.post("/users/erase", json={"user_id": "ann"})
        assert erased.json() == {"events": 1, "sessions": 0, "logged_requests": 1}
        assert await products_of(client, session_id="s1") == []
    assert [count(database, table) for table in ("events", "retractions", "rankings")] == [0, 0, 1]
