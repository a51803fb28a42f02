"""One HTTP/1.1 connection that carries one exchange after another."""

import asyncio
import time
from typing import Any, Final

import httptools

Answer = tuple[int, bytes]
"""Status and body."""

_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})


class Broken(Exception):
    """The exchange has no whole answer. `begun`: a byte of one had come, so the request may not be sent again."""

    def __init__(self, message: str, *, begun: bool) -> None:
        super().__init__(message)
        self.begun = begun


class Connection(asyncio.Protocol):
    """A protocol for `loop.create_connection`; llhttp reads the answers (httptools, the parser of uvicorn)."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser: Any = None
        self._body: list[bytes] = []
        self._begun = False
        self._headed = False
        self._framed = False
        self._reusable = True
        self.used_at_s = 0.0
        """When the last exchange ended, on the monotonic clock."""

    @property
    def usable(self) -> bool:
        """Open, idle, and the server has not said that it closes."""
        return self._reusable and self._waiting is None and self._transport is not None

    async def exchange(self, request: bytes) -> Answer:
        """Send a whole request and wait for the whole answer. Cancelled, the connection closes: its answer is still to come.

        Raises:
            Broken: there is no whole answer.
        """
        if not self.usable:
            raise Broken("the connection is closed", begun=False)
        self._waiting = self._loop.create_future()
        self._begun = False
        self._next_answer()
        self._transport.write(request)
        try:
            return await self._waiting
        except BaseException:
            self.close()
            raise
        finally:
            self._waiting = None
            self.used_at_s = time.monotonic()

    def close(self) -> None:
        """At once; whatever was not sent yet is dropped."""
        self._reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _next_answer(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = []
        self._headed = self._framed = False

    def _end(self, result: Answer | Broken) -> None:
        if self._waiting is not None and not self._waiting.done():
            if isinstance(result, Broken):
                self._waiting.set_exception(result)
            else:
                self._waiting.set_result(result)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            # Nothing was asked: whatever this is, it must not be taken for the next answer.
            self.close()
            return
        self._begun = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._reusable = False
            self._end(Broken(f"expected an HTTP answer, found another one: {error}", begun=True))

    def connection_lost(self, exc: Exception | None) -> None:
        self._reusable = False
        self._transport = None
        if exc is None and self._headed and not self._framed:
            # An answer without a length is whole when the connection ends.
            self._end((self._parser.get_status_code(), b"".join(self._body)))
        else:
            self._end(Broken(str(exc or "the server closed the connection"), begun=self._begun))

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._waiting is None or self._waiting.done():
            # More than was asked for: what follows could be taken for the next answer.
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in _FRAMING:
            self._framed = True

    def on_headers_complete(self) -> None:
        self._headed = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        parser = self._parser
        status = parser.get_status_code()
        if status < 200:
            # «100 Continue» and «103 Early Hints» come before the answer.
            self._body = []
            self._headed = self._framed = False
            return
        if not parser.should_keep_alive():
            self._reusable = False
        body = self._body
        self._end((status, body[0] if len(body) == 1 else b"".join(body)))
