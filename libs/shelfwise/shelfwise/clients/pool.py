"""Persistent connections to one address."""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from urllib.parse import SplitResult

from shelfwise.clients.connection import Answer, Broken, Connection

Body = bytes | AsyncIterator[bytes]
"""Whole, or sent in chunks as it arrives."""


class Crowded(TimeoutError):
    """Every connection was in use for as long as the caller could wait; nothing was sent."""


MAX_AGE_S = 30.0
"""However busy, a connection is replaced about this long after it was opened: the address may be a name for several replicas,
and one that joins them gets its share only through new connections. Opening one costs a fraction of a millisecond."""


class Pool:
    """Connections are opened if none is idle, at most `limit` of them, and kept for `keepalive_s` seconds without use."""

    def __init__(self, address: SplitResult, limit: int, keepalive_s: float, max_age_s: float = MAX_AGE_S) -> None:
        """`address`: scheme http or https, a host and perhaps a port."""
        self._host = address.hostname or ""
        self._port = address.port or (443 if address.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if address.scheme == "https" else None
        self._host_header = address.netloc.rpartition("@")[2]
        self._prefix = address.path.rstrip("/")
        self._keepalive_s = keepalive_s
        self._max_age_s = max_age_s
        self._free = asyncio.Semaphore(limit)
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()

    async def exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: Body | None, within_s: float | None = None
    ) -> Answer:
        """Return the response, on an idle connection if there is one. `path` is already percent-encoded, `body` is JSON.

        Raises:
            Crowded: no connection became free within `within_s` seconds.
            TimeoutError: the response is not complete by then.
            Broken: no connection, or no complete response.
            ValueError: a path or header would break the request apart.
            Exception: whatever reading a body that comes in pieces raised.
        """
        request, chunks = self._request(method, path, headers, body)
        until_s = None if within_s is None else asyncio.get_running_loop().time() + within_s
        await self._place(until_s)
        try:
            connection = self._kept() or await self._opened(until_s)
            self._busy.add(connection)
            try:
                return await connection.exchange(request, chunks, until_s)
            finally:
                self._busy.discard(connection)
                if connection.usable:
                    self._idle.append(connection)
                else:
                    connection.close()
        finally:
            self._free.release()

    def close(self) -> None:
        """Close all connections; exchanges in progress end as broken."""
        for connection in (*self._idle, *self._busy):
            connection.close()

    def _request(
        self, method: str, path: str, headers: Mapping[str, str], body: Body | None
    ) -> tuple[bytes, AsyncIterator[bytes] | None]:
        """The bytes that are sent at once, and the chunks that follow them."""
        lines = [f"{method} {self._prefix}{path} HTTP/1.1", f"host: {self._host_header}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append("content-type: application/json")
            lines.append(f"content-length: {len(body)}" if isinstance(body, bytes) else "transfer-encoding: chunked")
        # Printable except for the line ends that are written here: no value can begin a line of its own.
        head = "\r\n".join(lines)
        if not (head.isascii() and "".join(lines).isprintable()):
            raise ValueError(f"expected a path and headers of printable ASCII, found {lines!r}")
        sent = f"{head}\r\n\r\n".encode("ascii")
        return (sent + body, None) if isinstance(body, bytes) else (sent, body)

    async def _place(self, until_s: float | None) -> None:
        """Take one of the `limit` places; the caller gives it back."""
        if not self._free.locked():
            await self._free.acquire()  # at once
            return
        try:
            async with asyncio.timeout_at(until_s):
                await self._free.acquire()
        except TimeoutError as error:
            raise Crowded from error

    def _kept(self) -> Connection | None:
        """The idle connection that was used last, so that the others grow old and are closed."""
        now_s = time.monotonic()
        oldest_s = now_s - self._keepalive_s
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.used_at_s >= oldest_s and connection.expires_at_s > now_s:
                return connection
            connection.close()
        return None

    async def _opened(self, until_s: float | None) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout_at(until_s):
            try:
                _, connection = await loop.create_connection(Connection, self._host, self._port, ssl=self._tls)
            except OSError as error:
                raise Broken(str(error), begun=False) from error
        # Connections that were opened together are not all replaced together.
        connection.expires_at_s = time.monotonic() + self._max_age_s * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        return connection
