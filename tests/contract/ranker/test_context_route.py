"""POST /context over the real application and a real PostgreSQL."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shelfwise.contracts.event import MAX_AHEAD_S
from shelfwise.contracts.history import ContextResponse, History
from shelfwise_pipeline.database import connect
from shelfwise_ranker.app import create_app
from shelfwise_ranker.event_log import KINDS
from shelfwise_ranker.history import MAX_EVENTS, history_of
from shelfwise_ranker.settings import RankerSettings
from tests.support.asgi import service_client
from tests.support.living import event, living_ranker, until_answered
from tests.support.metrics import metrics_of, until_metrics
from tests.support.postgres import KillablePostgres

HOUR = timedelta(hours=1)


def store(database: str, *events: tuple[str, str, str | None, str | None, timedelta]) -> None:
    """Writes events (type, product, user, session, how long ago) into the database, past the service."""
    now = datetime.now(UTC)
    with connect(database) as connection:
        connection.cursor().executemany(
            "INSERT INTO behavior.events (event_id, type, product_id, user_id, session_id, timestamp)"
            " VALUES (gen_random_uuid()::text, %s, %s, %s, %s, %s)",
            [(kind, product, user, session, now - ago) for kind, product, user, session, ago in events],
        )


def histories(content: bytes) -> History:
    return ContextResponse.model_validate_json(content).history


async def test_a_history_holds_the_events_of_the_user_the_session_or_both(bundles: Path, database: str) -> None:
    store(
        database,
        ("view", "p001", "u1", "s1", 3 * HOUR),
        ("purchase", "p002", "u1", None, 2 * HOUR),
        ("purchase", "p002", "u1", "s1", 1 * HOUR),
        ("impression", "p003", "u1", "s1", 1 * HOUR),
        ("add_to_cart", "p004", None, "s1", 2.5 * HOUR),
        ("view", "p005", "u2", "s2", HOUR),
        ("view", "p006", "u1", None, -HOUR),
    )
    async with living_ranker(bundles, database) as client:

        async def asked(**who: str) -> History:
            return histories((await client.post("/context", json=who)).content)

        user = await asked(user_id="u1")
        assert (user.products, user.purchases, user.views) == (["p002", "p001"], [2, 0], [0, 1])
        assert user.last_s == pytest.approx([3600, 3 * 3600], abs=5)
        assert user.orders == 2
        session = await asked(session_id="s1")
        assert (session.products, session.purchases, session.carts) == (["p002", "p004", "p001"], [1, 0, 0], [0, 1, 0])
        both = await asked(user_id="u1", session_id="s1")
        assert (both.products, both.purchases, both.views) == (["p002", "p004", "p001"], [2, 0, 0], [0, 0, 1])
        assert (await asked(user_id="nobody")).products == []


async def test_users_of_a_shared_session_do_not_get_each_others_history(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:

        async def asked(**who: str) -> list[str]:
            return histories((await client.post("/context", json=who)).content).products

        await client.post("/events", json=event("e1", "p001", "purchase", session_id="s1", ago_s=90))
        assert await asked(user_id="bob", session_id="s1") == ["p001"], "whoever asks before anyone logs in"
        await client.post("/users/merge", json={"session_id": "s1", "user_id": "ann"})
        await client.post("/users/merge", json={"session_id": "s1", "user_id": "bob"})
        await client.post("/events", json=event("e2", "p002", session_id="s1", ago_s=60))
        await client.post("/events", json=event("e3", "p003", user_id="bob", ago_s=30))
        assert await asked(user_id="bob", session_id="s1") == ["p003", "p002"]
        assert await asked(user_id="ann", session_id="s1") == ["p001"]
        assert await asked(user_id="eve", session_id="s1") == []
        assert await asked(session_id="s1") == ["p002"]


async def test_events_of_a_clock_that_runs_ahead_are_in_the_history_at_once(bundles: Path, database: str) -> None:
    """POST /events refuses moments further ahead, so those are of imported events only, which have not happened yet."""
    store(database, ("view", "p006", "u1", None, -timedelta(seconds=MAX_AHEAD_S + 60)))
    async with living_ranker(bundles, database) as client:
        sent = [event("e1", "p001", ago_s=5), event("e2", "p002", ago_s=30 - MAX_AHEAD_S), event("e3", "p003", ago_s=-100)]
        assert (await client.post("/events", json=sent)).status_code == 202
        history = histories((await client.post("/context", json={"user_id": "u1"})).content)
    assert history.products == ["p002", "p003", "p001"]
    assert 0 < history.last_s[0] < 1e-3


async def test_a_long_history_is_cut_as_training_cuts_it(bundles: Path, database: str) -> None:
    moment = [(kind, product, HOUR) for product in ("é", "B", "a", "b") for kind in ("view", "purchase", "add_to_cart")]
    newer = [("view", "tea", HOUR / 2)] * (MAX_EVENTS - 5)
    rows = [(kind, product, "u1" if number % 2 else None, "s1", ago) for number, (kind, product, ago) in enumerate(moment)]
    store(database, *rows, *((kind, product, "u1", None, ago) for kind, product, ago in newer))
    kinds = np.array([KINDS[kind] for kind, _, _ in [*moment, *newer]], np.int8)
    times = np.array([-ago.total_seconds() for _, _, ago in [*moment, *newer]])
    expected = history_of([product for _, product, _ in [*moment, *newer]], kinds, times, 0.0)
    async with living_ranker(bundles, database) as client:
        answer = await client.post("/context", json={"user_id": "u1", "session_id": "s1"})
    found = histories(answer.content)
    assert found.products == expected.products == ["tea", "B", "a"]
    assert (found.purchases, found.carts, found.views) == (expected.purchases, expected.carts, expected.views)


async def test_a_session_that_is_not_merged_belongs_to_the_user_of_its_last_event(bundles: Path, database: str) -> None:
    store(
        database,
        ("view", "p001", "ann", "s1", 3 * HOUR),
        ("view", "p002", None, "s1", 2.5 * HOUR),
        ("view", "p003", "bob", "s1", 2 * HOUR),
        ("view", "p004", None, "s1", HOUR),
    )
    async with living_ranker(bundles, database) as client:
        answer = await client.post("/context", json={"session_id": "s1"})
    assert histories(answer.content).products == ["p004", "p003", "p002"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("nonsense", 400, "malformed_body"),
        ({}, 422, "invalid_request"),
        ({"user_id": ""}, 422, "invalid_request"),
        ({"user_id": "a\0b"}, 422, "invalid_request"),
        ({"user_id": "a", "surprise": 1}, 422, "invalid_request"),
    ],
)
async def test_an_invalid_request_is_refused_with_the_common_error_body(
    bundles: Path, database: str, body: Any, status: int, code: str
) -> None:
    async with living_ranker(bundles, database) as client:
        sent = {"content": body} if isinstance(body, str) else {"json": body}
        answer = await client.post("/context", **sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_without_a_database_rank_answers_and_context_is_unavailable(bundles: Path, built: Path) -> None:
    async with service_client(create_app(RankerSettings(bundles=str(bundles), bundle_poll_s=0.02))) as client:
        ranked = await until_answered(client, "/rank", {"kind": "text", "text": "gel", "ids": ["p001"], "scores": {}})
        answer = await client.post("/context", json={"user_id": "u1"})
    assert len(ranked.json()["scores"]) == 1
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
    assert "DATABASE_URL" in answer.json()["error"]["message"]


async def test_callers_wait_for_a_connection_and_are_refused_if_too_many_wait(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database, ranker_database_connections=2, ranker_database_waiting=6) as client:
        answers = await asyncio.gather(*(client.post("/context", json={"user_id": "u1"}) for _ in range(40)))
        afterwards = await client.post("/context", json={"user_id": "u1"})
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) >= 8
    assert set(statuses) <= {200, 429}
    assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 429} <= {"1"}
    assert afterwards.status_code == 200


async def test_a_killed_database_is_reported_at_once_and_used_again_when_it_is_back(
    bundles: Path, killable_postgres: KillablePostgres
) -> None:
    store(killable_postgres.url, ("view", "p001", "u1", None, HOUR))
    async with living_ranker(bundles, killable_postgres.url) as client:
        await asyncio.gather(*(client.post("/context", json={"user_id": "u1"}) for _ in range(8)))
        killed_at = time.monotonic()
        killable_postgres.kill()
        lost = [await client.post("/context", json={"user_id": "u1"}) for _ in range(5)]
        ranked = await client.post("/rank", json={"kind": "text", "text": "gel", "ids": ["p001"], "scores": {}})
        ready = await client.get("/readyz")
        await until_metrics(client, ready=1, problem=1, database_up=0, changes_followed=0)
        lag_s = [(await metrics_of(client))["shelfwise_live_lag_seconds"] for _ in range(2)]
        await asyncio.to_thread(killable_postgres.revive)
        found = await until_answered(client, "/context", {"user_id": "u1"}, within_s=10)
        after = await asyncio.gather(*(client.post("/context", json={"user_id": "u1"}) for _ in range(20)))
        await until_metrics(client, problem=0, database_up=1, changes_followed=1, changes_applied=0)
        async with asyncio.timeout(20):
            while (await metrics_of(client))["shelfwise_live_lag_seconds"] > time.monotonic() - killed_at:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in lost} == {(503, "database_unavailable")}
    said = {answer.json()["error"]["message"] for answer in lost}
    assert said <= {
        "the connection to PostgreSQL was lost; try again in a second",
        "PostgreSQL cannot be reached; try again in a second",
    }, "where the server listens is nobody's business"
    assert (ranked.status_code, ready.status_code) == (200, 200)
    assert 0 < lag_s[0] < lag_s[1], "nobody looks for events meanwhile"
    assert histories(found.content).products == ["p001"]
    assert {answer.status_code for answer in after} == {200}
