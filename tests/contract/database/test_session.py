"""A database whose defaults are not PostgreSQL's: times are read as they were written, by retrievers and by builds."""

import time
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


async def test_retrievers_read_times_as_written_whatever_the_databases_defaults(unusual: str) -> None:
    async with Database(unusual, "test") as database, database.connection() as connection:
        assert (await read_changes(connection, 0, 10)).last_at == datetime.fromtimestamp(MOMENT, UTC)
        assert await (await connection.execute(EPOCH)).fetchone() == (MOMENT,)


def test_builds_read_times_as_written_whatever_the_databases_defaults(unusual: str) -> None:
    with connect(unusual) as connection:
        assert written_at(connection, 1) == datetime.fromtimestamp(MOMENT, UTC)
        assert connection.execute(EPOCH).fetchone() == (MOMENT,)


LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def test_timeouts_set_for_the_database_do_not_end_an_import_or_a_build(
    connection: psycopg.Connection[Any], database: str
) -> None:
    for limit in LIMITS:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET {limit} = '100ms'")
    with connect(database) as own:
        own.execute("SELECT pg_sleep(0.3)")
        time.sleep(0.3)
        assert own.execute("SELECT 1").fetchone() == (1,)
