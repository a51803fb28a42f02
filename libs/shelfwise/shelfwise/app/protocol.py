"""HTTP as in uvicorn, with three differences.

The head of a response is sent together with the body. Sent one after the other they are two system calls, and the waiting
client is woken twice. ASGI intends this: a server should not send the head before a part of the body is there.

The head of a request is limited in size and time, and a connection without a first request is kept no longer than an idle one.
Uvicorn accepts a head of any length, and waits for its end as long as the client likes.

Everything that costs memory and needs no key is limited, too. Uvicorn keeps all header lines that follow a body in chunks,
though none is ever read, and prepares all requests that a client sends without waiting for responses, at some kilobytes each.
"""

import asyncio
from typing import Any, cast

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""The maximum size of a head, or trailer, that comes in pieces, after the first one. Load balancers and uvicorn's other parser
accept no more."""

HEAD_S = 10.0
"""How long the rest of a head may take after its first piece."""

MAX_WAITING = 64
"""Requests of one connection that may wait for the response to the one before them."""

_HEAD = b"HTTP/1.1 "
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class JoiningProtocol(HttpToolsProtocol):
    """A protocol for `uvicorn.run`."""

    _in_head = False
    _head_bytes = 0  # of a head that comes in pieces; without the first, in which a body may end
    _late: asyncio.TimerHandle | None = None
    _trailer_bytes: int | None = None  # bytes since a chunk header without any body yet; -1: it came in this very piece

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, Joining(transport)))
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._trailer_bytes is not None:
            self._count_trailer(len(data))
        if not self._in_head:
            return
        if self._late is None:
            self._late = self.loop.call_later(HEAD_S, self.shutdown)
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # lines of a trailer are not kept
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._forget_head()
        super().on_headers_complete()
        if len(self.pipeline) > MAX_WAITING:
            raise HttpParserError("too many requests on this connection wait")  # answered 400, and the connection ends

    def on_chunk_header(self) -> None:
        self._trailer_bytes = -1

    def on_body(self, body: bytes) -> None:
        self._trailer_bytes = None
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._trailer_bytes = None
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _count_trailer(self, size: int) -> None:
        """The last chunk is empty: everything after its header is trailer. After any other chunk header the body is next."""
        counted = self._trailer_bytes or 0
        self._trailer_bytes = 0 if counted < 0 else counted + size
        if self._trailer_bytes > MAX_HEAD_BYTES:
            self.transport.close()

    def _forget_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
            self._head_bytes = 0


class Joining:
    """A transport that keeps the head of a response until the body is written or, without a body, until the loop's next
    turn."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._head: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.writelines((head, data))
        elif data.startswith(_HEAD):
            self._head = data
            self._loop.call_soon(self._send_head)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._send_head()
        self._transport.close()

    def _send_head(self) -> None:
        """The head alone: for a HEAD request, or "100 Continue"."""
        head, self._head = self._head, None
        if head is not None and not self._transport.is_closing():  # closing if the caller has gone meanwhile
            self._transport.write(head)
