"""A database whose defaults are not PostgreSQL's: the ranker sets the ones that it relies on."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shelfwise.contracts.event import Event
from shelfwise.database import Database as RetrieversDatabase
from shelfwise_pipeline.database import connect
from shelfwise_ranker.shoppers.storing import store
from tests.contract.ranker.test_catalog_changes import known
from tests.contract.ranker.test_following import counted
from tests.support.living import living_ranker


def with_default(database: str, setting: str) -> None:
    with connect(database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET {setting}")


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_an_erasure_erases_what_the_writer_that_it_waits_for_commits(bundles: Path, database: str, level: str) -> None:
    with_default(database, f"default_transaction_isolation = '{level}'")
    moment = datetime.now(UTC)
    bobs = Event(event_id="e1", type="view", product_id="p001", user_id="bob", timestamp=moment)
    async with living_ranker(bundles, database) as client, RetrieversDatabase(database, "writer") as others:
        async with others.connection() as connection, connection.transaction():
            await store(connection, [bobs], ("p001",), lambda _: None)
            erasing = asyncio.create_task(client.post("/users/erase", json={"user_id": "bob"}))
            await asyncio.sleep(0.3)
            assert not erasing.done()
        assert (await erasing).json()["events"] == 1
    with connect(database) as found:
        assert found.execute("SELECT count(*) FROM behavior.events").fetchone() == (0,)


async def test_products_are_followed_whatever_the_databases_date_style_and_time_zone(bundles: Path, database: str) -> None:
    with_default(database, "DateStyle = 'German, DMY'")
    with_default(database, "timezone = 'America/St_Johns'")
    with connect(database, autocommit=True) as connection:
        connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('new', 'Glow Lamp')")
    async with living_ranker(bundles, database) as client:
        await known(client, "new")


async def test_a_statement_timeout_of_the_database_does_not_end_catching_up(bundles: Path, database: str) -> None:
    with connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp) "
            "SELECT 'e' || number, 'purchase', 'p001', 'u1', now() - interval '1 hour' FROM generate_series(1, 20000) AS number"
        )
    with_default(database, "statement_timeout = '30ms'")
    async with living_ranker(bundles, database) as client:
        await counted(client, 20_000)
