"""The HTTP protocol: an answer is sent in one piece, and what a caller may send is limited."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from shelfwise.app import protocol as protocol_module
from shelfwise.app.protocol import MAX_HEAD_BYTES, MAX_WAITING, Joining, JoiningProtocol

App = Callable[[Any, Any, Any], Awaitable[None]]


class Wire:
    """A transport; what is written at once is one entry of `sent`."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.too_late: list[bytes] = []
        self.closed = False
        self.written = asyncio.Event()

    def write(self, data: bytes) -> None:
        (self.too_late if self.closed else self.sent).append(data)
        self.written.set()

    def writelines(self, parts: tuple[bytes, ...]) -> None:
        self.write(b"".join(parts))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> None:
        return None

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def connected(app: App, wire: Wire, keep_alive_s: int = 75) -> JoiningProtocol:
    config = uvicorn.Config(app, http=JoiningProtocol, log_config=None, timeout_keep_alive=keep_alive_s)
    config.load()
    protocol = JoiningProtocol(config, ServerState(), {})
    protocol.connection_made(wire)  # type: ignore[arg-type]
    return protocol


async def answered(app: App, *requests: bytes) -> Wire:
    """What is sent in answer to each of the requests, one after the other."""
    wire = Wire()
    protocol = connected(app, wire)
    for request in requests:
        protocol.data_received(request)
        await asyncio.gather(*protocol.tasks)
        await asyncio.sleep(0)
    return wire


def saying(*parts: bytes, length: bool = True) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if b"".join(value for name, value in scope["headers"] if name == b"expect"):
            await receive()
        headers = [(b"content-length", b"%d" % sum(map(len, parts)))] if length else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": part is not parts[-1]})

    return app


ASKED = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def test_head_and_body_are_sent_at_once_for_every_request_of_a_connection() -> None:
    sent = (await answered(saying(b"hello"), ASKED, ASKED)).sent
    assert [(part[:15], part[-9:]) for part in sent] == [(b"HTTP/1.1 200 OK", b"\r\n\r\nhello")] * 2


async def test_body_parts_that_look_like_a_head_are_sent_as_body() -> None:
    sent = (await answered(saying(b"HTTP/1.1 a", b"HTTP/1.1 b", b"c"), ASKED)).sent
    assert b"".join(sent).partition(b"\r\n\r\n")[2] == b"HTTP/1.1 aHTTP/1.1 bc"


async def test_a_chunked_body_is_sent_as_it_comes() -> None:
    sent = (await answered(saying(b"one", b"two", length=False), ASKED)).sent
    assert [part.partition(b"\r\n\r\n")[2] or part for part in sent] == [b"3\r\none\r\n", b"3\r\ntwo\r\n0\r\n\r\n"]


@pytest.mark.parametrize(
    "request_head",
    [
        pytest.param(b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n", id="a HEAD request"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", id="a connection that closes"),
    ],
)
async def test_a_head_without_a_body_is_sent(request_head: bytes) -> None:
    sent = (await answered(saying(b""), request_head)).sent
    assert len(sent) == 1
    assert (sent[0][:15], sent[0][-4:]) == (b"HTTP/1.1 200 OK", b"\r\n\r\n")


async def test_100_continue_is_sent_before_the_body_of_the_request_is_there() -> None:
    wire = Wire()
    protocol = connected(saying(b"hello"), wire)
    protocol.data_received(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    await wire.written.wait()
    assert wire.sent == [b"HTTP/1.1 100 Continue\r\n\r\n"]
    wire.written.clear()
    protocol.data_received(b"{}")
    await wire.written.wait()
    assert wire.sent[1].endswith(b"\r\n\r\nhello")


async def test_a_head_is_dropped_when_the_caller_has_gone_meanwhile() -> None:
    wire = Wire()
    Joining(wire).write(b"HTTP/1.1 200 OK\r\n\r\n")
    wire.close()
    await asyncio.sleep(0)
    assert wire.too_late == []


async def test_a_connection_without_a_request_is_closed_after_the_keep_alive_time() -> None:
    wire = Wire()
    connected(saying(b"hello"), wire, keep_alive_s=0)
    await asyncio.sleep(0.01)
    assert wire.closed
    assert wire.sent == []


async def test_a_connection_with_an_incomplete_head_is_closed_after_head_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_module, "HEAD_S", 0.01)
    slow, quick = Wire(), Wire()
    connected(saying(b"hello"), slow).data_received(ASKED[:-1])
    whole = connected(saying(b"hello"), quick)
    whole.data_received(ASKED[:-1])
    whole.data_received(ASKED[-1:])
    await asyncio.sleep(0.05)
    assert slow.closed
    assert slow.sent == []
    assert not quick.closed
    assert b"".join(quick.sent).endswith(b"hello")


async def test_a_head_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    wire = Wire()
    protocol = connected(saying(b"hello"), wire)
    protocol.data_received(ASKED[:-2])
    sent = 0
    while not wire.closed and sent < 4 * MAX_HEAD_BYTES:
        protocol.data_received(b"x: " + b"y" * 4091 + b"\r\n")
        sent += 4096
    assert MAX_HEAD_BYTES < sent <= MAX_HEAD_BYTES + 4096
    assert b"".join(wire.sent).startswith(b"HTTP/1.1 431 ")


async def test_heads_that_arrive_in_pieces_are_measured_one_by_one() -> None:
    pieces = [ASKED[:-2], *[b"x: " + b"y" * 4091 + b"\r\n"] * 10, b"\r\n"]
    sent = (await answered(saying(b"hello"), *pieces * 3)).sent
    assert [part[:15] for part in sent] == [b"HTTP/1.1 200 OK"] * 3


IN_CHUNKS = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("piece", [pytest.param(b"x: y\r\n" * 700, id="many lines"), pytest.param(b"y" * 4200, id="one line")])
async def test_a_trailer_without_an_end_is_refused_before_it_fills_the_memory(piece: bytes) -> None:
    wire = Wire()
    protocol = connected(saying(b"hello"), wire)
    protocol.data_received(IN_CHUNKS)
    await asyncio.gather(*protocol.tasks)
    protocol.data_received(b"0\r\nx: ")
    sent = 0
    while not wire.closed and sent < 4 * MAX_HEAD_BYTES:
        protocol.data_received(piece)
        sent += len(piece)
    assert MAX_HEAD_BYTES < sent <= MAX_HEAD_BYTES + len(piece)


async def test_a_trailer_is_read_and_not_kept() -> None:
    wire = Wire()
    protocol = connected(saying(b"hello"), wire)
    protocol.data_received(IN_CHUNKS + b"0\r\nx: y\r\n\r\n")
    assert [name for name, _ in protocol.headers] == [b"host", b"transfer-encoding"]
    protocol.data_received(ASKED)
    while protocol.tasks:
        await asyncio.gather(*protocol.tasks)
    assert [part[-5:] for part in wire.sent] == [b"hello"] * 2


async def test_a_long_chunked_body_is_not_measured_as_a_trailer() -> None:
    wire = Wire()
    protocol = connected(saying(b"hello"), wire)
    for piece in [IN_CHUNKS, *[b"1000\r\n", b"y" * 0x1000, b"\r\n"] * 20, b"0\r\n", b"\r\n"]:
        protocol.data_received(piece)
        await asyncio.sleep(0)
    assert not wire.closed
    assert b"".join(wire.sent).endswith(b"hello")


async def test_pipelined_requests_are_all_answered_up_to_max_waiting() -> None:
    wire = Wire()
    protocol = connected(saying(b"hello"), wire)
    protocol.data_received(ASKED * (1 + MAX_WAITING))
    while protocol.tasks:
        await asyncio.gather(*protocol.tasks)
    assert [part[-5:] for part in wire.sent] == [b"hello"] * (1 + MAX_WAITING)
    assert not wire.closed


async def test_more_pipelined_requests_than_max_waiting_end_the_connection() -> None:
    wire = Wire()
    protocol = connected(saying(b"hello"), wire)
    protocol.data_received(ASKED * 1000)
    assert wire.closed
    assert len(protocol.pipeline) == MAX_WAITING + 1
    assert b"".join(wire.sent).startswith(b"HTTP/1.1 400 ")
