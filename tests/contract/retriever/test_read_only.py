"""A read-only database, such as a standby: writes are refused, and succeed as soon as the database accepts writes."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from shelfwise_pipeline.database import connect
from tests.contract.retriever.test_products import NEW, bundles, connection, embedder, ids, retrievers
from tests.support.postgres import database, postgres
from tests.unit.clients.dropping import Server

__all__ = ["bundles", "connection", "database", "embedder", "postgres"]


@pytest.fixture
def read_only(database: str, connection: psycopg.Connection[Any]) -> str:
    """The statement that ends read-only mode; connections made before stay read-only, as those to a standby do."""
    name = connection.info.dbname
    connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with connect(database) as found:
        assert found.execute("SHOW transaction_read_only").fetchone() == ("on",)
    return f"ALTER DATABASE {name} RESET default_transaction_read_only"


async def test_a_write_is_refused_while_the_database_only_reads_and_done_later(
    bundles: Path, database: str, embedder: Server, connection: psycopg.Connection[Any], read_only: str
) -> None:
    async with retrievers(1, bundles=str(bundles), database_url=database, embedder_url=embedder.url) as [client]:
        answer = await client.put("/products/k1", json=NEW)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable"), answer.text
        assert (await ids(client, "desk lamp"))[0] == "lamp-1"
        connection.execute(read_only)
        tries = [(await client.put("/products/k1", json=NEW)).status_code for _ in range(5)]
        assert tries[-1] == 200
        assert (await ids(client, "zyxnova"))[0] == "k1"
