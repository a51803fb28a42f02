"""POST /events over the real application and a real PostgreSQL."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from shelfwise.errors import InvalidRequest
from shelfwise_pipeline.database import connect
from shelfwise_ranker.shoppers.body import events_of
from tests.support.living import event, living_ranker, until_answered
from tests.support.postgres import KillablePostgres


def stored(database: str, columns: str = "event_id") -> list[Any]:
    with connect(database) as connection:
        rows = connection.execute(f"SELECT {columns} FROM behavior.events ORDER BY event_id").fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


async def test_events_are_stored_once_each_and_count_at_the_next_request(bundles: Path, database: str) -> None:
    views = [event(f"e{number}", f"p00{number}", ago_s=10 * number, session_id="s1") for number in (1, 2, 3)]
    async with living_ranker(bundles, database) as client:
        first = await client.post("/events", json=views)
        context = await client.post("/context", json={"session_id": "s1"})
        again = await client.post("/events", json=views[1])
    assert (first.status_code, first.json()) == (
        202,
        {"accepted": 3, "duplicates": 0, "conflicting": [], "unknown_products": []},
    )
    assert context.json()["history"]["products"] == ["p001", "p002", "p003"]
    assert (again.status_code, again.json()["accepted"], again.json()["duplicates"]) == (202, 0, 1)
    assert stored(database) == ["e1", "e2", "e3"]


async def test_every_field_of_an_event_is_stored(bundles: Path, database: str) -> None:
    full = event(
        "e1", "p\"1\\\n'", "purchase", user_id="ü", session_id="s", quantity=3, value=2.5, request_id="r", position=7
    ) | {"timestamp": "2026-01-02T03:04:05.678901+02:00"}
    async with living_ranker(bundles, database) as client:
        assert (await client.post("/events", json=full)).status_code == 202
    columns = "event_id, type, product_id, user_id, session_id, timestamp, quantity, value::float8, request_id, position"
    moment = datetime(2026, 1, 2, 1, 4, 5, 678901, tzinfo=UTC)
    assert stored(database, columns) == [("e1", "purchase", "p\"1\\\n'", "ü", "s", moment, 3, 2.5, "r", 7)]


async def test_the_largest_accepted_value_is_stored_exactly(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        answer = await client.post("/events", json=event("e1", "p001", "purchase", value=9_999_999_999.9999))
    assert answer.status_code == 202
    assert stored(database, "value::text") == ["9999999999.9999"]


async def test_the_first_of_two_events_with_one_id_is_kept_and_the_other_reported(bundles: Path, database: str) -> None:
    first = event("e1", "p001")
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=first)
        other = await client.post("/events", json=[first | {"product_id": "p002"}, event("e2")])
        within = await client.post("/events", json=[event("e3", "p001", value=1.0), event("e3", "p001", value=2.0)])
    assert (other.json()["accepted"], other.json()["duplicates"], other.json()["conflicting"]) == (1, 1, ["e1"])
    assert (within.json()["accepted"], within.json()["duplicates"], within.json()["conflicting"]) == (1, 1, ["e3"])
    assert stored(database, "event_id, product_id") == [("e1", "p001"), ("e2", "p001"), ("e3", "p001")]


async def test_only_products_that_are_not_in_the_catalog_are_reported_as_unknown(bundles: Path, database: str) -> None:
    with connect(database) as connection:
        connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('new', 'Not in the bundle yet')")
    async with living_ranker(bundles, database) as client:
        await client.post("/rank", json={"kind": "text", "text": "gel", "ids": ["p001"], "scores": {}})
        answer = await client.post("/events", json=[event("e1", "p001"), event("e2", "new"), event("e3", "nobody's")])
    assert answer.json()["unknown_products"] == ["nobody's"]
    assert stored(database) == ["e1", "e2", "e3"]


WRONG: list[tuple[Any, int, str]] = [
    (b"nonsense", 400, "in JSON"),
    (b"[1", 400, "in JSON"),
    ([], 422, "expected 1 to 1000 events, found 0"),
    ([event(f"e{number}") for number in range(1001)], 422, "expected 1 to 1000 events, found 1001; send them in several calls"),
    # Each of them is invalid, too, and reporting them all took the ranker seconds in which it answered nobody else.
    ([1] * 500_000, 422, "expected 1 to 1000 events, found 500000; send them in several calls"),
    ([event("e1"), event("e2", kind="stare")], 422, "[1].type"),
    ([event("e1"), event("e2") | {"colour": "red"}], 422, "[1].colour: unknown field"),
    (event("e1") | {"user_id": None}, 422, "expected user_id or session_id"),
    (event("a\0b"), 422, "event_id"),
    (event("e1") | {"timestamp": "2026-01-01T00:00:00"}, 422, "timestamp: Input should have timezone info"),
    (
        [event("e1"), event("e2", ago_s=-3600)],
        422,
        "[1].timestamp: expected a time not before 1995 and at most 5 minutes ahead",
    ),
    (
        event("e1") | {"timestamp": "1970-01-01T00:00:00Z"},
        422,
        "not before 1995 and at most 5 minutes ahead of this server's clock, found 1970-01-01T00",
    ),
    (event("e1", quantity=0), 422, "quantity"),
    (event("e1", quantity=2**31), 422, "quantity"),
    (event("e1", value=1e12), 422, "value"),
    (event("e1", value=9_999_999_999.99995), 422, "value"),
    ([event("e1"), event("e2") | {"user_id": None}], 422, "[1]: expected user_id or session_id"),
    ([1], 422, "[0]: Input should be an object"),
]


def test_the_error_for_no_events_does_not_ask_for_fewer() -> None:
    with pytest.raises(InvalidRequest, match=r"found 0$"):
        events_of(b"[]")


@pytest.mark.parametrize(("body", "status", "said"), WRONG, ids=range(len(WRONG)))
async def test_an_invalid_event_refuses_the_whole_call(bundles: Path, database: str, body: Any, status: int, said: str) -> None:
    async with living_ranker(bundles, database) as client:
        answer = await client.post("/events", **({"content": body} if isinstance(body, bytes) else {"json": body}))
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]
    assert stored(database) == []


async def test_waiting_calls_are_committed_together_and_each_gets_its_own_answer(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        calls = [[event(f"e{call}-{number}", ago_s=number) for number in range(20)] + [event("shared")] for call in range(30)]
        answers = await asyncio.gather(*(client.post("/events", json=call) for call in calls))
        groups = await metric(client, "shelfwise_event_group_size_count")
    assert {answer.status_code for answer in answers} == {202}
    assert sum(answer.json()["accepted"] for answer in answers) == 601 == len(stored(database))
    assert sum(answer.json()["duplicates"] for answer in answers) == 29
    assert groups <= 5


async def test_events_beyond_the_queue_are_refused_with_retry_after(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database, ranker_events_queue=100) as client:
        calls = [[event(f"e{call}-{number}") for number in range(50)] for call in range(10)]
        answers = await asyncio.gather(*(client.post("/events", json=call) for call in calls))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert len(stored(database)) == 50 * (len(answers) - len(refused))


async def test_events_taken_by_one_replica_count_on_the_other(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        await one.post("/events", json=[event("e1", "p005", user_id="new"), event("e2", "p006", user_id="new", ago_s=5)])
        await other.post("/events", json=event("e3", "p007", user_id="new", ago_s=1))
        contexts = [(await client.post("/context", json={"user_id": "new"})).json() for client in (one, other)]
        assert [context["history"]["products"] for context in contexts] == [["p007", "p006", "p005"]] * 2
        await until_counted(one, 3)
        await until_counted(other, 3)


async def test_an_event_of_a_new_shopper_is_in_the_history_at_the_next_request(bundles: Path, database: str) -> None:
    moment = datetime.now(UTC)
    async with living_ranker(bundles, database) as client:
        for number in range(3):
            view = event(f"e{number}", f"p01{number}", user_id="first-seen") | {
                "timestamp": (moment + timedelta(milliseconds=number)).isoformat()
            }
            await client.post("/events", json=view)
            history = (await client.post("/context", json={"user_id": "first-seen"})).json()["history"]
            assert history["products"] == [f"p01{seen}" for seen in range(number, -1, -1)]


async def test_every_acknowledged_event_survives_a_killed_database_exactly_once(
    bundles: Path, killable_postgres: KillablePostgres
) -> None:
    acknowledged: set[str] = set()
    sent: set[str] = set()
    over = asyncio.Event()

    async def send(client: httpx.AsyncClient, sender: int) -> None:
        for call in itertools.count():
            if over.is_set():
                return
            batch = [event(f"{sender}-{call}-{number}", f"p{number:03}", "purchase") for number in range(20)]
            ids = {one["event_id"] for one in batch}
            sent.update(ids)
            await until_answered(client, "/events", batch)
            acknowledged.update(ids)

    async with living_ranker(bundles, killable_postgres.url) as client:
        senders = [asyncio.create_task(send(client, sender)) for sender in range(4)]
        for _ in range(2):
            before = len(acknowledged)
            while len(acknowledged) < before + 400:  # noqa: ASYNC110 - the senders' own counting
                await asyncio.sleep(0.01)
            killable_postgres.kill()
            await asyncio.to_thread(killable_postgres.revive)
        await until_answered(client, "/context", {"user_id": "u1"})
        over.set()
        await asyncio.wait_for(asyncio.gather(*senders), 30)
        await until_counted(client, len(acknowledged))
    assert acknowledged == sent
    assert stored(killable_postgres.url) == sorted(acknowledged)


async def metric(client: httpx.AsyncClient, name: str) -> float:
    lines = (await client.get("/metrics")).text.splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


async def until_counted(client: httpx.AsyncClient, events: int) -> None:
    """Waits until the live statistics hold so many events; fails if they then hold more."""
    async with asyncio.timeout(10):
        while await metric(client, "shelfwise_live_events_total") < events:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert await metric(client, "shelfwise_live_events_total") == events
