"""A few connections, each borrowed briefly; the pool recovers by itself when the server is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import errors, sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from shelfwise.database.session import AS_EXPECTED
from shelfwise.errors import DatabaseUnavailable

Connection = psycopg.AsyncConnection[Any]

STATEMENT_TIMEOUT_S = 10
ANSWER_S = 20.0
"""The longest wait for all responses of one use: a server that hangs, perhaps because of its disk, ends no statement by
itself."""

CONNECT_TIMEOUT_S = 3
WAIT_S = 2.0
_GIVE_UP_S = 1.0
"""A failed attempt to connect ends this soon because the next request makes another: that is how the server's return is
noticed."""

KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""Notices a machine that vanished, also while waiting for its response; the system's own default is two hours."""


class Database:
    """Use as an async context manager; nothing is connected before the first use, so a service starts without its server."""

    def __init__(self, url: str, name: str, connections: int = 4) -> None:
        """`url`: what libpq accepts; `name`: shown in the server's list of sessions; `connections`: the maximum number."""
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            kwargs={"autocommit": True, "connect_timeout": CONNECT_TIMEOUT_S, "application_name": name, **KEEPALIVE},
            min_size=0,
            max_size=connections,
            open=False,
            configure=_configure,
            check=_check,
            name=name,
            timeout=WAIT_S,
            reconnect_timeout=_GIVE_UP_S,
            num_workers=2,
        )

    async def __aenter__(self) -> Self:
        await self._pool.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit; statements that belong together go into `connection.transaction()`.

        Raises:
            DatabaseUnavailable: the server cannot be reached, broke off, took too long, or is read-only; or its schema does not
                match this code.
        """
        try:
            async with asyncio.timeout(ANSWER_S), self._pool.connection() as connection:
                try:
                    yield connection
                except errors.ReadOnlySqlTransaction:
                    # This connection leads to a standby; a new one may find the server that has taken over.
                    await connection.close()
                    raise
        except PoolTimeout as error:
            raise DatabaseUnavailable(f"the database cannot be reached within {WAIT_S:.0f} s; try again in a moment") from error
        except TimeoutError as error:
            raise DatabaseUnavailable(f"the database did not answer within {ANSWER_S:.0f} s; try again in a moment") from error
        except errors.DeadlockDetected:
            raise
        except errors.ReadOnlySqlTransaction as error:
            raise DatabaseUnavailable("the database is read-only, like a standby; try again in a moment") from error
        except (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName) as error:
            raise DatabaseUnavailable(
                f"expected this release's schema in the database, found: {error.diag.message_primary}; run `shelfwise migrate`"
            ) from error
        except (psycopg.OperationalError, psycopg.InterfaceError, errors.IdleInTransactionSessionTimeout) as error:
            raise DatabaseUnavailable(
                f"the connection to the database failed: {type(error).__name__}; try again in a moment"
            ) from error


async def _check(connection: Connection) -> None:
    async with asyncio.timeout(WAIT_S):
        await AsyncConnectionPool.check_connection(connection)


async def _configure(connection: Connection) -> None:
    """Neither a statement that hangs, nor a service that stops in the middle of a transaction, may hold what others wait
    for."""
    milliseconds = sql.Literal(STATEMENT_TIMEOUT_S * 1000)
    await connection.execute(AS_EXPECTED)
    await connection.execute(
        sql.SQL("SET statement_timeout = {0}; SET idle_in_transaction_session_timeout = {0}").format(milliseconds)
    )
