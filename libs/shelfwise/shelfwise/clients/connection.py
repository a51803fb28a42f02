"""One HTTP/1.1 connection that carries one exchange after another."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

import httptools


class Answer(NamedTuple):
    """A server's response."""

    status: int
    body: bytes
    retry_after_s: int | None = None
    """How long the server says to wait, if it says so in seconds."""


_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})
_RETRY_AFTER: Final = b"retry-after"
_DIGITS: Final = 6
"""A longer number is no time that anybody waits."""


class Broken(Exception):
    """The exchange has no complete response. `begun`: a byte of one had arrived, so the request may not be sent again."""

    def __init__(self, message: str, *, begun: bool) -> None:
        super().__init__(message)
        self.begun = begun


class Connection(asyncio.Protocol):
    """A protocol for `loop.create_connection`; llhttp parses the responses (httptools, the parser of uvicorn)."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser: Any = None
        self._body: list[bytes] = []
        self._begun = False
        self._headed = False
        self._framed = False
        self._retry_after_s: int | None = None
        self._reusable = True
        self._writable = asyncio.Event()
        self._writable.set()
        self.used_at_s = 0.0
        """When the last exchange ended, on the monotonic clock."""
        self.expires_at_s = math.inf
        """When the connection should not be used any more; its owner sets and checks it."""

    @property
    def usable(self) -> bool:
        """Open, idle, and the server has not announced that it closes."""
        return self._reusable and self._waiting is None and self._transport is not None

    async def exchange(
        self, request: bytes, chunks: AsyncIterator[bytes] | None = None, until_s: float | None = None
    ) -> Answer:
        """Send a request and wait for the whole response. If cancelled, the connection closes: its response is still to come.

        `request` is complete, or the head of one whose body, `chunks`, is sent as it arrives.

        Raises:
            Broken: there is no complete response.
            TimeoutError: there is none by `until_s`, on the loop's clock; the connection is closed.
            Exception: whatever reading `chunks` raised; the server sees the request break off.
        """
        if not self.usable:
            raise Broken("the connection is closed", begun=False)
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting = waiting
        self._begun = False
        self._next_answer()
        # A single future needs no `asyncio.timeout`, which costs several times as much.
        late = None if until_s is None else self._loop.call_at(until_s, self._end, TimeoutError())
        self._transport.write(request)
        try:
            if chunks is not None:
                await self._send(chunks, waiting)
            return await waiting
        except BaseException:
            self.close()
            if waiting.done() and not waiting.cancelled():
                waiting.exception()  # nobody else retrieves it, and asyncio would log it as never retrieved
            raise
        finally:
            if late is not None:
                late.cancel()
            self._waiting = None
            self.used_at_s = time.monotonic()

    async def _send(self, chunks: AsyncIterator[bytes], waiting: "asyncio.Future[Answer]") -> None:
        """Send the body until a response comes: a server that refuses it responds before the end, and then nobody reads the
        rest."""
        sending = asyncio.create_task(self._send_chunks(chunks))
        either: set[asyncio.Future[Any]] = {sending, waiting}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not sending.done():
                self._reusable = False
                sending.cancel()
                await asyncio.wait({sending})
        if not sending.cancelled():
            sending.result()

    async def _send_chunks(self, chunks: AsyncIterator[bytes]) -> None:
        """Send the body in chunked encoding, no faster than the server reads it."""
        async for chunk in chunks:
            if chunk:
                self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                await self._writable.wait()
        self._write(b"0\r\n\r\n")

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """Close at once; whatever was not sent yet is dropped."""
        self._reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _next_answer(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._body = []
        self._headed = self._framed = False
        self._retry_after_s = None

    def _end(self, result: Answer | Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            if isinstance(result, Exception):
                self._waiting.set_exception(result)
            else:
                self._waiting.set_result(result)

    # Called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            # Nothing was asked: whatever this is, it must not be taken for the next response.
            self.close()
            return
        self._begun = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._reusable = False
            self._end(Broken(f"expected an HTTP response, found something else: {error}", begun=True))

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._writable.set()
        self._transport = None
        if exc is None and self._headed and not self._framed:
            # A response without a length is complete when the connection ends.
            self._end(Answer(self._parser.get_status_code(), b"".join(self._body), self._retry_after_s))
        else:
            self._end(Broken(str(exc or "the server closed the connection"), begun=self._begun))

    # Called by the parser.

    def on_message_begin(self) -> None:
        if self._waiting is None or self._waiting.done():
            # More than was asked for: what follows could be taken for the next response.
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in _FRAMING:
            self._framed = True
        elif name == _RETRY_AFTER and value.isdigit() and len(value) <= _DIGITS:  # else it is a date
            self._retry_after_s = int(value)

    def on_headers_complete(self) -> None:
        self._headed = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        parser = self._parser
        status = parser.get_status_code()
        if status < 200:
            # "100 Continue" and "103 Early Hints" come before the response.
            self._begin()
            return
        if not parser.should_keep_alive():
            self._reusable = False
        body = self._body
        self._end(Answer(status, body[0] if len(body) == 1 else b"".join(body), self._retry_after_s))
