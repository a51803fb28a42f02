"""One client of the load generator, with as little Python as possible, because clients and servers share the cores."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httptools

from benchmarks.serving.answers import Answer

_PAUSE_AFTER_REFUSAL_S = 0.05


class Client:
    """Sends a request, waits for the whole answer, and sends the next. Connects anew when the server closes the connection.

    `take` returns the bytes of the next request, or None at the end; then `finished` is called once.
    """

    def __init__(
        self,
        host: str,
        port: int,
        take: Callable[[], bytes | None],
        keep: Callable[[Answer], None],
        finished: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._address = (host, port)
        self._take = take
        self._keep = keep
        self._finished = finished
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._request: bytes | None = None
        self._started_at_ms = 0.0

    def ask_next(self) -> None:
        self._request = self._take()
        if self._request is None:
            self._drop_connection()
            self._finished()
            return
        self._started_at_ms = now_ms()
        if self._connection is not None:
            self._connection.send(self._request)
        else:
            self._connecting = self._loop.create_task(self._connect(self._request))

    def give_up_after(self, timeout_ms: float) -> None:
        """Abort the current request if it has taken longer. It counts as an answer with status 0."""
        if self._request is not None and now_ms() - self._started_at_ms > timeout_ms:
            if self._connecting is not None:
                self._connecting.cancel()
            self.answered(0, b"no answer in time", reusable=False)

    def answered(self, status: int, body: bytes, *, reusable: bool) -> None:
        at_ms = now_ms()
        self._keep(Answer(at_ms, at_ms - self._started_at_ms, status, body))
        if not reusable:
            self._drop_connection()
        self.ask_next()

    def lost(self, connection: "_Connection") -> None:
        """Handle that the server closed `connection`. It is an error only if a request is unanswered."""
        if self._connection is connection:
            self._connection = None
            if connection.waiting:
                self.answered(0, b"connection broken before the answer was whole", reusable=False)

    async def _connect(self, request: bytes) -> None:
        try:
            _, self._connection = await self._loop.create_connection(lambda: _Connection(self), *self._address)
        except OSError as error:
            await asyncio.sleep(_PAUSE_AFTER_REFUSAL_S)
            self.answered(0, f"no connection: {error.strerror}".encode(), reusable=False)
        else:
            self._connection.send(request)

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class _Connection(asyncio.Protocol):
    """One TCP connection. The late end of an old connection must not be taken for the end of the next."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._transport: Any = None
        self._parser: Any = None
        self._body: list[bytes] = []

    @property
    def waiting(self) -> bool:
        return self._parser is not None

    def send(self, request: bytes) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = []
        self._transport.write(request)

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.lost(self)

    def data_received(self, data: bytes) -> None:
        if self._parser is None:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._client.answered(0, b"not HTTP", reusable=False)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        status, reusable = self._parser.get_status_code(), self._parser.should_keep_alive()
        self._parser = None
        self._client.answered(status, b"".join(self._body), reusable=reusable)


def now_ms() -> float:
    return time.perf_counter() * 1000
