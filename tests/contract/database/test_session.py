"""A database whose defaults are not PostgreSQL's: times are read as they were written, by retrievers and by builds."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from shelfwise.database import Database, read_changes
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.importing import written_at

MOMENT = 1764409546.123457


@pytest.fixture
def unusual(connection: psycopg.Connection[Any], database: str) -> str:
    """The database's URL; it holds one product, and no new connection has PostgreSQL's own defaults."""
    connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('1', 'Comb')")
    connection.execute("UPDATE catalog.changes SET committed_at = to_timestamp(%s)", [MOMENT])
    for setting in ("DateStyle = 'German, DMY'", "timezone = 'America/St_Johns'", "extra_float_digits = 0"):
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET {setting}")
    return database


EPOCH = "SELECT extract(epoch FROM committed_at)::float8 FROM catalog.changes"


async def test_by_retrievers(unusual: str) -> None:
    async with Database(unusual, "test") as database, database.connection() as connection:
        assert (await read_changes(connection, 0, 10)).last_at == datetime.fromtimestamp(MOMENT, UTC)
        assert await (await connection.execute(EPOCH)).fetchone() == (MOMENT,)


def test_by_builds(unusual: str) -> None:
    with connect(unusual) as connection:
        assert written_at(connection, 1) == datetime.fromtimestamp(MOMENT, UTC)
        assert connection.execute(EPOCH).fetchone() == (MOMENT,)
