"""A database that hangs neither answers nor disconnects: callers get an error soon, and go on when it does."""

import time
from collections.abc import AsyncIterator

import pytest

from shelfwise.database import Database, pool
from shelfwise.errors import DatabaseUnavailable
from tests.support.postgres import KillablePostgres, killable_postgres

__all__ = ["killable_postgres"]


@pytest.fixture
async def opened(killable_postgres: KillablePostgres) -> AsyncIterator[Database]:
    async with Database(killable_postgres.url, "test", 1) as opened:
        await ask(opened)
        yield opened


async def ask(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("SELECT 1")


async def test_a_database_that_already_hangs_is_given_up_within_the_answer_timeout(
    opened: Database, killable_postgres: KillablePostgres
) -> None:
    started_at = time.monotonic()
    with killable_postgres.hanging():
        with pytest.raises(DatabaseUnavailable):
            await ask(opened)
        # Two seconds, and ten in which psycopg tries to cancel the statement at the server.
        assert time.monotonic() - started_at < pool.ANSWER_S
    await ask(opened)


async def test_a_database_that_hangs_during_a_statement_is_given_up(
    opened: Database, killable_postgres: KillablePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "ANSWER_S", 0.5)

    async def ask_while_it_hangs() -> None:
        async with opened.connection() as connection:
            with killable_postgres.hanging():
                await connection.execute("SELECT 1")

    with pytest.raises(DatabaseUnavailable, match="did not answer"):
        await ask_while_it_hangs()
    monkeypatch.undo()
    await ask(opened)
