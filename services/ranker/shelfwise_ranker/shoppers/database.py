"""Access to PostgreSQL for a service: few connections, bounded waiting, and an error at once while the server is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from shelfwise.database.pool import KEEPALIVE
from shelfwise.database.session import AS_EXPECTED
from shelfwise.deadline import Deadline
from shelfwise.errors import DatabaseUnavailable, DeadlineExceeded, Overloaded, Unavailable
from shelfwise.tasks import ended

_log = logging.getLogger("shelfwise.ranker")

T = TypeVar("T")
Connection = AsyncConnection[tuple[Any, ...]]

LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.IdleInTransactionSessionTimeout)
"""What psycopg raises if the server has gone, and on some other occasions."""

_GONE = ("08", "57P")
"""SQLSTATE classes: connection exceptions, and a server that shuts down, has crashed or is starting."""

_OPTIONS: dict[str, Any] = {
    **KEEPALIVE,
    "autocommit": True,
    "application_name": "shelfwise-ranker",
    "connect_timeout": 2,
    "tcp_user_timeout": 5_000,  # notice a vanished machine after this many milliseconds, not after a quarter of an hour
}
IDLE_S = 10.0
"""A ranker that stalls in the middle of a transaction, or whose machine vanished, must not keep its locks from others."""
RETRY_S = 0.2
"""The interval between attempts to reach a server that is away."""


class Database:
    """Runs work on a pooled connection; use as an async context manager.

    It starts, and continues, without a server: as soon as the server is found missing, every call raises
    `DatabaseUnavailable` at once, and one task looks for it. When the server answers again, earlier connections are discarded,
    and work continues.
    """

    def __init__(self, url: str, *, connections: int, waiting: int, timeout_s: float) -> None:
        """`timeout_s`: the longest that work may take if its caller set no earlier deadline."""
        self._url = url
        self._timeout_s = timeout_s
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            max_waiting=waiting,
            timeout=timeout_s,
            reconnect_timeout=2 * RETRY_S,  # the pool gives up retrying after this; `_mend` knows better when to retry
            kwargs=_OPTIONS,
            configure=_configure,
            open=False,
            name="ranker",
        )
        self._mending: asyncio.Task[None] | None = None
        self.problem: str | None = "PostgreSQL has not been asked yet"
        """Why nothing can be asked now, for the log: it may contain the server's address. None if all is well."""

    async def __aenter__(self) -> Self:
        await self._pool.open(wait=False)
        self._mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mending is not None:
            await ended(self._mending)
        await self._pool.close()

    async def run(
        self, work: Callable[[Connection], Awaitable[T]], deadline: Deadline | None = None, *, within_s: float | None = None
    ) -> T:
        """Return the result of `work`, which gets a connection in autocommit. `within_s` replaces the usual `timeout_s`.

        Raises:
            DatabaseUnavailable: the server is away, or went away meanwhile; whether a write was committed is then unknown. Or
                the server is read-only, and `work` wrote.
            Unavailable: the server gave up, because of a deadlock or a full disk.
            Overloaded: as many calls wait for a connection as are allowed to; raised at once.
            DeadlineExceeded: the caller's time, or `timeout_s`, is up.
        """
        if self.problem is not None:
            raise DatabaseUnavailable("PostgreSQL cannot be reached; try again in a second")
        within_s = within_s or self._timeout_s
        if deadline is not None:
            within_s = min(within_s, deadline.remaining_s)
        try:
            async with asyncio.timeout(within_s), self._pool.connection(timeout=within_s) as connection:
                try:
                    return await work(connection)
                except psycopg.errors.ReadOnlySqlTransaction as error:
                    # This connection leads to a standby; a new one may find the server that has taken over.
                    await connection.close()
                    raise DatabaseUnavailable("PostgreSQL is read-only, like a standby; try again in a second") from error
        except TooManyRequests as error:
            raise Overloaded("the queue for database connections is full; try again in a second") from error
        except (TimeoutError, PoolTimeout) as error:
            raise DeadlineExceeded(f"PostgreSQL did not answer within {max(0.0, within_s) * 1000:.0f} ms") from error
        except psycopg.errors.QueryCanceled as error:
            raise DeadlineExceeded("PostgreSQL canceled a statement that took too long") from error
        except LOST as error:
            if not _is_gone(error):
                raise Unavailable(
                    f"PostgreSQL could not complete the request: {_first_line(error)}; try again in a second"
                ) from error
            self.lost(error)
            raise DatabaseUnavailable("the connection to PostgreSQL was lost; try again in a second") from error

    async def connected(self) -> Connection:
        """A separate connection, outside of the pool; the caller closes it.

        Raises:
            DatabaseUnavailable: the server is away.
        """
        try:
            connection = await AsyncConnection.connect(self._url, **_OPTIONS)
            try:
                await _configure(connection)
            except BaseException:
                await connection.close()
                raise
            return connection
        except LOST as error:
            raise DatabaseUnavailable(f"PostgreSQL cannot be reached: {_first_line(error)}") from error

    def lost(self, error: Exception) -> None:
        """Note that the server does not answer, and start to look for it."""
        self._note(_first_line(error))
        self._mend()

    def _note(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            _log.warning("database lost", extra={"problem": problem})

    def _mend(self) -> None:
        if self._mending is None or self._mending.done():
            self._mending = asyncio.create_task(self._until_it_answers())

    async def _until_it_answers(self) -> None:
        while True:
            try:
                probe = await self.connected()
                await probe.close()
                break
            except DatabaseUnavailable as error:
                self._note(error.message)
                await asyncio.sleep(RETRY_S)
        await self._pool.check()
        self.problem = None
        _log.info("database answers")


async def _configure(connection: Connection) -> None:
    await connection.execute(AS_EXPECTED)
    await connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_S * 1000:.0f}ms'".encode())


def _is_gone(error: psycopg.Error) -> bool:
    return error.sqlstate is None or error.sqlstate.startswith(_GONE)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
