"""HTTP as uvicorn speaks it, except that the head of an answer leaves together with the body.

Sent one after the other they are two calls of the system, and whoever waits for the answer is woken twice. ASGI means it so:
a server should not send the head before a part of the body is there.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1.1 "


class JoiningProtocol(HttpToolsProtocol):
    """A protocol for `uvicorn.run`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, Joining(transport)))


class Joining:
    """A transport that keeps the head of an answer until the body is written or, where none is, the loop's next turn."""

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
        """Alone: to a HEAD request, or «100 Continue»."""
        head, self._head = self._head, None
        if head is not None and not self._transport.is_closing():  # as it is when the caller has gone meanwhile
            self._transport.write(head)
