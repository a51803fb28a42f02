"""A database that went back to an earlier moment, as after a restore or a failover that lost the last changes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from shelfwise_pipeline.database import connect
from shelfwise_pipeline.importing import fingerprint, written_at
from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings
from tests.contract.retriever.test_products import embed
from tests.support.asgi import service_client
from tests.support.catalog import SHELF, publish_shelf
from tests.support.postgres import database, postgres
from tests.support.waiting import until_ready
from tests.unit.clients.dropping import serving

__all__ = ["database", "postgres"]

GONE_BACK = """
SET session_replication_role = replica;
DELETE FROM catalog.products WHERE product_id IN (SELECT product_id FROM catalog.changes WHERE seq > 2);
DELETE FROM catalog.changes WHERE seq > 2;
SELECT setval('catalog.changes_seq_seq', 2);
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database();
RESET session_replication_role
"""


@pytest.fixture
async def settings(database: str, tmp_path: Path) -> AsyncIterator[RetrieverSettings]:
    async with serving(embed) as embedder:
        yield RetrieverSettings(
            bundles=str(tmp_path),
            bundle_poll_s=0.02,
            retriever_poll_s=0.02,
            database_url=SecretStr(database),
            embedder_url=embedder.url,
        )


async def put(client: httpx.AsyncClient, *product_ids: str) -> None:
    for product_id in product_ids:
        (await client.put(f"/products/{product_id}", json={"title": f"Kettle {product_id}"})).raise_for_status()


def put_elsewhere(connection: psycopg.Connection[Any], *product_ids: str) -> None:
    for product_id in product_ids:
        connection.execute("INSERT INTO catalog.products (product_id, title) VALUES (%s, 'Potato chips')", [product_id])


async def until_problem(client: httpx.AsyncClient, expected: str | None) -> None:
    async with asyncio.timeout(10):
        while True:
            told = (await client.get("/readyz")).json()["problem"]
            if told == expected or (expected and expected in str(told)):
                return
            await asyncio.sleep(0.02)


async def test_a_restored_database_is_reported_until_a_bundle_of_its_data_is_published(
    settings: RetrieverSettings, database: str, tmp_path: Path
) -> None:
    publish_shelf(tmp_path)
    with connect(database, autocommit=True) as connection:
        async with service_client(create_app(settings)) as client:
            await until_ready(client)
            await put(client, "a", "b", "lost-1", "lost-2", "lost-3")
            connection.execute(GONE_BACK.encode())
            put_elsewhere(connection, "new-1")
            await until_problem(client, "expected change 5")
            put_elsewhere(connection, "new-2", "new-3", "new-4", "new-5")
            for _ in range(10):
                await until_problem(client, "is not the one that the bundle was built from")
                assert (await client.get("/changes")).json()["applied"] == 5
                await asyncio.sleep(0.02)

            last = fingerprint(connection).last_change
            products = [*SHELF, *({"product_id": f"new-{number}", "title": "Potato chips"} for number in range(1, 6))]
            publish_shelf(tmp_path, products, "v2", last, written_at(connection, last))
            await until_ready(client, "v2")
            await until_problem(client, None)
            await put(client, "c")
            assert (await client.get("/products/c")).status_code == 200
            assert (await client.get("/products/lost-1")).status_code == 404


async def test_a_bundle_from_before_a_restore_is_not_followed_despite_reused_numbers(
    settings: RetrieverSettings, database: str, tmp_path: Path
) -> None:
    with connect(database, autocommit=True) as connection:
        put_elsewhere(connection, "a", "b", "lost")
        publish_shelf(tmp_path, last_change=3, last_change_at=written_at(connection, 3))
        async with service_client(create_app(settings)) as client:
            await until_ready(client)
            await until_problem(client, None)
        connection.execute(GONE_BACK.encode())
        put_elsewhere(connection, "new-1", "new-2")
    async with service_client(create_app(settings)) as client:
        await until_ready(client)
        await until_problem(client, "found one written at")
        assert (await client.get("/products/new-2")).status_code == 404


async def test_a_write_under_a_reused_number_reveals_that_the_database_went_back(
    settings: RetrieverSettings, database: str, tmp_path: Path
) -> None:
    publish_shelf(tmp_path)
    slow = settings.model_copy(update={"retriever_poll_s": 60.0})
    with connect(database, autocommit=True) as connection:
        async with service_client(create_app(slow)) as client:
            await until_ready(client)
            await put(client, "a", "b", "lost-1", "lost-2", "lost-3")
            connection.execute(GONE_BACK.encode())
            await put(client, "new-1")
            assert "expected change 5" in (await client.get("/readyz")).json()["problem"]
