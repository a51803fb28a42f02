"""Sessions merged into users, and users erased, on every replica."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from shelfwise.contracts.rank import RankRequest
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.importing import fingerprint
from shelfwise_ranker.feature_log import features_digest, unpacked
from shelfwise_ranker.features import registry
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.warm_up import warm_up_requests
from tests.support.living import event, living_ranker


async def products_of(client: httpx.AsyncClient, **who: str) -> list[str]:
    products: list[str] = (await client.post("/context", json=who)).json()["history"]["products"]
    return products


def count(database: str, table: str, where: str = "true") -> int:
    with connect(database) as connection:
        row = connection.execute(f"SELECT count(*) FROM behavior.{table} WHERE {where}").fetchone()
    assert row is not None
    return int(row[0])


async def ranked(client: httpx.AsyncClient, request: RankRequest, request_id: str = "r") -> list[float]:
    answer = await client.post("/rank", content=request.model_dump_json(), headers={"x-request-id": request_id})
    scores: list[float] = answer.json()["scores"]
    return scores


async def test_a_merge_gives_a_user_the_past_and_future_events_of_the_session(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[event("e1", "p001", session_id="s1"), event("e2", "p002", user_id="ann", ago_s=90)])
        merged = await client.post("/users/merge", json={"session_id": "s1", "user_id": "ann"})
        assert (merged.status_code, merged.json()) == (200, {"events": 1})
        again = await client.post("/users/merge", json={"session_id": "s1", "user_id": "ann"})
        assert again.json() == {"events": 0}
        await client.post("/events", json=event("e3", "p003", session_id="s1", ago_s=30))
        assert await products_of(client, user_id="ann") == ["p003", "p001", "p002"]
        repeated = await client.post("/events", json=event("e3", "p003", session_id="s1", ago_s=30))
        assert repeated.json()["duplicates"] == 1


async def test_a_merge_includes_events_that_are_written_at_the_same_time(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        writes = [
            client.post("/events", json=[event(f"{name}-{call}-{n}", "p001", session_id="s1") for n in range(5)])
            for call in range(20)
            for name, client in (("one", one), ("other", other))
        ]
        merge = one.post("/users/merge", json={"session_id": "s1", "user_id": "ann"})
        answers = await asyncio.gather(*writes[:20], merge, *writes[20:])
    assert {answer.status_code for answer in answers} == {200, 202}
    assert count(database, "events", "user_id = 'ann'") == 200


async def test_a_merge_changes_the_fingerprint_of_the_data_once(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[event("e1", "p001", session_id="s1")])
        with connect(database, autocommit=True) as connection:
            before = fingerprint(connection)
            await client.post("/users/merge", json={"session_id": "s1", "user_id": "ann"})
            merged = fingerprint(connection)
            await client.post("/users/merge", json={"session_id": "s1", "user_id": "ann"})
            assert fingerprint(connection) == merged != before


async def test_an_erased_user_is_gone_from_events_logs_and_counts_of_every_replica(
    bundles: Path, built: Path, database: str
) -> None:
    question = warm_up_requests(built)[0]
    product = question.ids[5]
    settings = {"ranker_feature_log_share": 1.0}
    async with living_ranker(bundles, database, **settings) as one, living_ranker(bundles, database, **settings) as other:
        before = await ranked(one, question, "anonymous")
        await ranked(one, question, "shown-to-bob")
        bought = [event(f"e{n}", product, "purchase", user_id="bob", session_id="s1") for n in range(30)]
        seen = event("seen", product, "impression", user_id="bob", request_id="shown-to-bob", position=1)
        unknown_then = event("anonymous", "p002", session_id="s1", ago_s=900)
        await one.post("/events", json=[*bought, seen, unknown_then, event("ann's", "p003", user_id="ann")])
        await until(lambda: count(database, "rankings") >= 2)
        for client in (one, other):
            await until_scores(client, question, lambda scores: scores != before)
        erased = await other.post("/users/erase", json={"user_id": "bob"})
        assert (erased.status_code, erased.json()) == (200, {"events": 32, "sessions": 0, "logged_requests": 1})
        assert count(database, "events") == 1
        assert count(database, "rankings", "request_id = 'shown-to-bob'") == 0
        assert await products_of(one, user_id="bob", session_id="s1") == []
        for client in (one, other):
            await until_scores(client, question, lambda scores: np.allclose(scores, before, atol=1e-3))
        again = await one.post("/users/erase", json={"user_id": "bob"})
        assert again.json() == {"events": 0, "sessions": 0, "logged_requests": 0}
    with connect(database) as connection:
        kept = connection.execute("SELECT shopper, becomes FROM behavior.shopper_changes").fetchall()
    assert kept
    assert all(isinstance(shopper, int) and becomes is None for shopper, becomes in kept)


async def test_logged_features_are_those_that_training_computes(bundles: Path, built: Path, database: str) -> None:
    requests = warm_up_requests(built)
    async with living_ranker(bundles, database, ranker_feature_log_share=1.0) as client:
        for number, request in enumerate(requests):
            await ranked(client, request, f"r{number}")
    offline = Ranker.open(built)
    with connect(database) as connection:
        rows = connection.execute(
            "SELECT request_id, kind, features, asked_at, product_ids, matrix FROM behavior.rankings"
        ).fetchall()
    assert len(rows) == len(requests)
    for request_id, kind, features, asked_at, product_ids, stored in rows:
        request = requests[int(request_id[1:])]
        assert (kind, features) == (request.kind, features_digest(request.kind))
        places = [request.ids.index(product_id) for product_id in product_ids]
        expected = registry.matrix(offline.context(request, asked_at))[places]
        np.testing.assert_allclose(unpacked(stored, len(product_ids)), expected, rtol=1e-4, atol=1e-4)


async def until(happened: Any) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - the state is the database's
            await asyncio.sleep(0.05)


async def until_scores(client: httpx.AsyncClient, question: RankRequest, expected: Any) -> None:
    async with asyncio.timeout(10):
        while not expected(await ranked(client, question, "again")):  # noqa: ASYNC110 - the state is the service's
            await asyncio.sleep(0.05)
