"""Products written into a real PostgreSQL are ranked by their features within a second, on every ranker."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from pydantic import SecretStr

from shelfwise_pipeline.database import connect
from shelfwise_pipeline.database.pruning import prune_changes
from shelfwise_ranker.app import create_app
from shelfwise_ranker.settings import RankerSettings
from tests.support.asgi import service_client
from tests.support.living import event, living_ranker
from tests.support.ranker import publish_ranker

PUT = """
INSERT INTO catalog.products (product_id, title, brand, category, price) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (product_id) DO UPDATE
SET title = excluded.title, brand = excluded.brand, category = excluded.category, price = excluded.price
"""


def put(
    connection: psycopg.Connection[Any],
    product_id: str,
    title: str,
    price: float,
    category: Sequence[str] = ("Beauty", "Nails"),
) -> None:
    connection.execute(PUT, [product_id, title, "Glow", list(category), price])


async def statistics(client: httpx.AsyncClient, *products: str) -> list[dict[str, float] | None]:
    answer = (await client.post("/statistics", json={"product_ids": list(products)})).raise_for_status().json()
    return [None if values is None else dict(zip(answer["columns"], values, strict=True)) for values in answer["values"]]


async def scores(client: httpx.AsyncClient, *products: str) -> list[float]:
    body = {"kind": "text", "text": "nail polish 2 oz", "ids": list(products)}
    columns = {"dense": [0.5] * len(products), "lexical": [3.0] * len(products)}
    answer = (await client.post("/rank", json={**body, "scores": columns})).raise_for_status()
    found: list[float] = answer.json()["scores"]
    return found


async def known(client: httpx.AsyncClient, product: str) -> float:
    """Seconds until the ranker knows the product."""
    began = time.perf_counter()

    async def is_known() -> bool:
        return await statistics(client, product) != [None]

    await eventually(is_known)
    return time.perf_counter() - began


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110 - the state is the service's
            await asyncio.sleep(0.01)


async def test_a_new_product_is_ranked_by_its_features_on_all_rankers(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        with connect(database, autocommit=True) as connection:
            put(connection, "new", "Nail Polish 2 Oz", 4.0)
            put(connection, "wrong", "Wood Stain 16 Oz", 4.0)
            assert max(await known(one, "wrong"), await known(other, "wrong")) < 1
        for client in (one, other):
            right, wrong, unknown = await scores(client, "new", "wrong", "never heard of")
            assert right > wrong
            assert unknown != wrong
        await one.post("/events", json=[event(f"e{number}", "new", "purchase") for number in range(3)])

        async def agree() -> bool:
            counted, read = await statistics(one, "new"), await statistics(other, "new")
            assert counted[0] is not None
            assert counted[0]["purchases_7d"] == pytest.approx(np.log1p(3))
            return read[0] == pytest.approx(counted[0], abs=1e-3)

        await eventually(agree)


async def test_a_changed_product_is_ranked_by_its_new_features(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        before = await scores(client, "p001", "p002")
        with connect(database, autocommit=True) as connection:
            put(connection, "p001", "Wood Stain 16 Oz", 400.0)

        async def has_fallen() -> bool:
            return (await scores(client, "p001", "p002"))[0] < before[0]

        await eventually(has_fallen)
        after = await scores(client, "p001", "p002")
        with connect(database, autocommit=True) as connection:
            connection.execute("DELETE FROM catalog.products WHERE product_id = 'p001'")
            put(connection, "later", "Watering Can", 1.0, ["Garden"])  # has no neighbors among the other products
        await known(client, "later")
        assert await scores(client, "p001", "p002") == after, "a deletion harms nothing"


async def test_events_sent_before_their_product_exists_are_counted_once_it_does(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as one, living_ranker(bundles, database) as other:
        sent = [event(f"e{number}", "early", "purchase") for number in range(2)]
        answer = await one.post("/events", json=sent)
        assert answer.json()["unknown_products"] == ["early"]
        await asyncio.sleep(0.5)
        assert await statistics(one, "early") == await statistics(other, "early") == [None]
        with connect(database, autocommit=True) as connection:
            put(connection, "early", "Nail Gel 2 Oz", 2.0)
        for client in (one, other):
            await known(client, "early")
            found = (await statistics(client, "early"))[0]
            assert found is not None
            assert found["purchases_7d"] == pytest.approx(np.log1p(2))


async def test_a_bundle_older_than_the_pruned_change_log_is_refused(built: Path, database: str, tmp_path: Path) -> None:
    publish_ranker(tmp_path / "bundles", built)
    with connect(database, autocommit=True) as connection:
        for number in range(5):
            put(connection, f"new{number}", "Nail File", 1.0)
        prune_changes(connection, 4)
    settings = RankerSettings(bundles=str(tmp_path / "bundles"), bundle_poll_s=0.02, database_url=SecretStr(database))
    async with service_client(create_app(settings)) as client:

        async def is_refused() -> bool:
            answer = await client.get("/readyz")
            return answer.status_code == 503 and "older changes were pruned: publish a newer bundle" in answer.text

        await eventually(is_refused)


async def test_a_ranker_reports_that_the_database_went_back_and_stops_following_it(bundles: Path, database: str) -> None:
    async with living_ranker(bundles, database) as client:
        with connect(database, autocommit=True) as connection:
            for number in range(3):
                put(connection, f"new{number}", "Nail Polish 2 Oz", 4.0)
            await known(client, "new2")
            connection.execute("DELETE FROM catalog.changes WHERE seq > 1")
            connection.execute("SELECT setval('catalog.changes_seq_seq', 1)")
            for number in range(3, 6):
                put(connection, f"new{number}", "Nail Polish 2 Oz", 4.0)

            async def is_told() -> bool:
                return "found one written at" in str((await client.get("/readyz")).json()["problem"])

            await eventually(is_told)
            assert await statistics(client, "new3") == [None]
