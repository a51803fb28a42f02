"""Connections to servers that send raw bytes: every way in which an answer may arrive or fail to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from shelfwise.clients.connection import Answer, Broken
from shelfwise.clients.pool import Crowded, Pool

PLAIN = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@dataclass
class Scripted:
    """Answers the n-th request, over all connections, with the n-th script; then with the last one."""

    scripts: list[list[bytes]]
    close_after: frozenset[int] = frozenset()
    port: int = 0
    connections: int = 0
    ended: int = 0
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next((line[16:] for line in head.split(b"\r\n") if line.startswith(b"content-length: ")), b"0")
                number = len(self.requests)
                self.requests.append(head + await reader.readexactly(int(length)))
                for part in self.scripts[min(number, len(self.scripts) - 1)]:
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0.001)  # each part a segment of its own
                if number in self.close_after:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.ended += 1
            writer.close()


@asynccontextmanager
async def talking(*scripts: list[bytes], close_after: set[int] | None = None) -> AsyncIterator[Scripted]:
    script = Scripted(list(scripts), frozenset(close_after or ()))
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    async with server:
        yield script


@asynccontextmanager
async def pooled(
    script: Scripted, *, limit: int = 8, keepalive_s: float = 4.0, max_age_s: float = 30.0, path: str = ""
) -> AsyncIterator[Pool]:
    pool = Pool(urlsplit(f"http://127.0.0.1:{script.port}{path}"), limit, keepalive_s, max_age_s)
    try:
        yield pool
    finally:
        pool.close()
        await asyncio.sleep(0.01)


async def ask(pool: Pool, body: bytes | None = b"{}") -> Answer:
    async with asyncio.timeout(2):
        return await pool.exchange("POST", "/rank", {"x-request-id": "r-1"}, body)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 -- what is waited for happens on the server's side
            await asyncio.sleep(0.005)


async def test_requests_are_sent_with_path_prefix_headers_and_body() -> None:
    async with talking([PLAIN]) as script, pooled(script, path="/prefix/") as pool:
        await ask(pool, b'{"a":1}')
        await pool.exchange("GET", "/products/x%2Fy", {}, None)
    host = f"host: 127.0.0.1:{script.port}\r\n".encode()
    assert script.requests == [
        b"POST /prefix/rank HTTP/1.1\r\n" + host + b"x-request-id: r-1\r\ncontent-type: application/json\r\n"
        b'content-length: 7\r\n\r\n{"a":1}',
        b"GET /prefix/products/x%2Fy HTTP/1.1\r\n" + host + b"\r\n",
    ]


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        ([PLAIN], Answer(200, b"{}")),
        ([bytes([byte]) for byte in PLAIN], Answer(200, b"{}")),
        (
            [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n', b'4\r\n":1}\r\n0\r\n\r\n'],
            Answer(200, b'{"a":1}'),
        ),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], Answer(204, b"")),
        ([b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"], Answer(404, b"")),
        ([b"HTTP/1.1 429 Full\r\nRETRY-AFTER: 3\r\nContent-Length: 2\r\n\r\n{}"], Answer(429, b"{}", 3)),
        ([b"HTTP/1.1 103 Early Hints\r\nretry-after: 3\r\n\r\n" + PLAIN], Answer(200, b"{}")),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", PLAIN], Answer(200, b"{}")),
        ([b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + PLAIN], Answer(200, b"{}")),
    ],
)
async def test_every_complete_answer_is_read_and_its_connection_kept(parts: list[bytes], answer: Answer) -> None:
    async with talking(parts) as script, pooled(script) as pool:
        for _ in range(3):
            assert await ask(pool) == answer
        assert script.connections == 1


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"],
        [b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}"],
        [b"HTTP/1.1 200 OK\r\n\r\n{", b"}"],  # no length: whole when the connection ends
    ],
)
async def test_a_connection_that_the_server_ends_is_not_used_again(parts: list[bytes]) -> None:
    async with talking(parts, close_after={0, 1}) as script, pooled(script) as pool:
        assert [await ask(pool), await ask(pool)] == [Answer(200, b"{}")] * 2
        assert script.connections == 2


async def test_an_answer_without_a_length_is_read_on_a_connection_that_was_used_before() -> None:
    async with talking([PLAIN], [b"HTTP/1.1 200 OK\r\n\r\n{", b"}"], close_after={1}) as script, pooled(script) as pool:
        assert [await ask(pool), await ask(pool)] == [Answer(200, b"{}")] * 2
        assert script.connections == 1


@pytest.mark.parametrize(
    ("parts", "begun"),
    [
        ([], False),
        ([b"HTTP/1.1 20"], True),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"], True),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}"], True),
        ([b"SSH-2.0-OpenSSH_9.6\r\n"], True),
    ],
)
async def test_a_broken_answer_tells_whether_it_had_begun(parts: list[bytes], begun: bool) -> None:
    async with talking(parts, [PLAIN], close_after={0}) as script, pooled(script) as pool:
        with pytest.raises(Broken) as caught:
            await ask(pool)
        assert caught.value.begun is begun
        assert await ask(pool) == Answer(200, b"{}")


@pytest.mark.parametrize(
    ("address", "port", "encrypted"),
    [("http://shop", 80, False), ("https://shop", 443, True), ("http://shop:443", 443, False), ("https://shop:80", 80, True)],
)
async def test_the_scheme_of_an_address_decides_the_port_and_the_encryption(
    address: str, port: int, encrypted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    async def refuse(_: object, host: str, port: int, ssl: object) -> None:
        opened.append((host, port, ssl is not None))
        raise OSError("refused")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", refuse)
    with pytest.raises(Broken, match="refused"):
        await ask(Pool(urlsplit(address), 8, 4.0))
    assert opened == [("shop", port, encrypted)]


async def test_a_refused_connection_raises_broken_before_an_answer_begins() -> None:
    async with talking([PLAIN]) as script:
        pass
    async with pooled(script) as pool:
        with pytest.raises(Broken) as caught:
            await ask(pool)
    assert not caught.value.begun


@pytest.mark.parametrize("surplus", [b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged", b"{}"])
@pytest.mark.parametrize("at_once", [True, False])
async def test_bytes_beyond_an_answer_are_never_taken_for_the_next_one(surplus: bytes, at_once: bool) -> None:
    parts = [PLAIN + surplus] if at_once else [PLAIN, surplus]
    async with talking(parts, [PLAIN]) as script, pooled(script) as pool:
        assert await ask(pool) == Answer(200, b"{}")
        await until(lambda: script.ended == 1)  # the surplus has arrived, and its connection was closed because of it
        assert await ask(pool) == Answer(200, b"{}")
        assert script.connections == 2


async def test_a_cancelled_exchange_closes_its_connection() -> None:
    async with talking([b"HTTP/1.1 200 OK\r\n"], [PLAIN]) as script, pooled(script) as pool:
        asking = asyncio.create_task(ask(pool))
        await until(lambda: len(script.requests) == 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await ask(pool) == Answer(200, b"{}")
        assert script.connections == 2
        await until(lambda: script.ended == 1)


async def test_a_late_answer_closes_its_connection_and_frees_its_place() -> None:
    async with talking([], [PLAIN]) as script, pooled(script, limit=1) as pool:
        with pytest.raises(TimeoutError):
            await pool.exchange("POST", "/rank", {}, b"{}", 0.05)
        await until(lambda: script.ended == 1)
        assert await ask(pool) == Answer(200, b"{}")


async def test_waiting_for_a_place_in_vain_raises_crowded_and_ends_no_other_exchange() -> None:
    async with talking([]) as script, pooled(script, limit=1) as pool:
        asking = asyncio.create_task(ask(pool))
        await until(lambda: len(script.requests) == 1)
        with pytest.raises(Crowded):
            await pool.exchange("POST", "/rank", {}, b"{}", 0.05)
        assert not asking.done()
        asking.cancel()


async def test_a_connection_long_unused_is_not_used_again() -> None:
    async with talking([PLAIN]) as script, pooled(script, keepalive_s=0.05) as pool:
        await ask(pool)
        await asyncio.sleep(0.1)
        await ask(pool)
        assert script.connections == 2
        await until(lambda: script.ended == 1)


async def test_a_connection_in_steady_use_is_replaced_when_it_is_old() -> None:
    async with talking([PLAIN]) as script, pooled(script, max_age_s=0.1) as pool:
        async with asyncio.timeout(2):
            while script.connections < 3:
                assert await ask(pool) == Answer(200, b"{}")
        assert len(script.requests) > script.connections, "not with every request"
        await until(lambda: script.ended >= 2)


async def test_a_connection_that_the_server_closed_while_idle_is_not_used_again(caplog: pytest.LogCaptureFixture) -> None:
    async with talking([PLAIN], close_after={0}) as script, pooled(script) as pool:
        await ask(pool)
        await until(lambda: script.ended == 1)
        await asyncio.sleep(0.01)
        assert await ask(pool) == Answer(200, b"{}")
    assert caplog.records == []


async def test_no_more_connections_than_the_limit_are_opened() -> None:
    async with talking([PLAIN]) as script, pooled(script, limit=2) as pool:
        assert await asyncio.gather(*(ask(pool) for _ in range(12))) == [Answer(200, b"{}")] * 12
        assert script.connections == 2


async def test_closing_the_pool_breaks_off_exchanges_under_way() -> None:
    async with talking([b"HTTP/1.1 200 OK\r\n"]) as script, pooled(script) as pool:
        asking = asyncio.create_task(ask(pool))
        await until(lambda: len(script.requests) == 1)
        pool.close()
        with pytest.raises(Broken):
            await asking
        await until(lambda: script.ended == 1)


@pytest.mark.parametrize("path", ["/a b\r\nx: y", "/products/é", "/a\n"])
async def test_a_path_or_header_value_that_could_inject_a_header_is_refused(path: str) -> None:
    async with talking([PLAIN]) as script, pooled(script) as pool:
        with pytest.raises(ValueError, match="printable ASCII"):
            await pool.exchange("GET", path, {}, None)
        with pytest.raises(ValueError, match="printable ASCII"):
            await pool.exchange("GET", "/", {"x-request-id": "r\r\nevil: 1"}, None)
        assert script.connections == 0


async def test_a_large_body_is_sent_and_a_large_answer_is_read() -> None:
    large = b"x" * 3_000_000
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n" + large
    async with talking([answer]) as script, pooled(script) as pool:
        assert await ask(pool, large) == Answer(200, large)
        assert script.requests[0].endswith(large)


async def in_pieces(*pieces: bytes, fault: Exception | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(0.001)
    if fault:
        raise fault


@asynccontextmanager
async def taking_in(answer_after: int) -> AsyncIterator[tuple[Pool, bytearray, asyncio.Event]]:
    """A server that answers once `answer_after` bytes of a body came, and sets the event when the connection ends."""
    taken, ended = bytearray(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        answered = False
        while data := await reader.read(65_536):
            taken.extend(data)
            if not answered and len(taken) >= answer_after:
                answered = True
                writer.write(PLAIN)
        ended.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pool = Pool(urlsplit(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), 8, 4.0)
    async with server:
        try:
            yield pool, taken, ended
        finally:
            pool.close()
            await asyncio.sleep(0.01)


async def test_a_body_is_sent_in_chunks_as_it_comes() -> None:
    wire = b"4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\n"
    async with taking_in(len(wire)) as (pool, taken, ended):
        answer = await pool.exchange("POST", "/lines", {}, in_pieces(b"one\n", b"", b"two\n"))
        assert (answer, bytes(taken)) == (Answer(200, b"{}"), wire)
        assert not ended.is_set()  # the connection is kept


async def test_a_streamed_body_of_20_megabytes_arrives_whole() -> None:
    wire = 20 * len(b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n") + len(b"0\r\n\r\n")
    async with taking_in(wire) as (pool, taken, _):
        answer = await pool.exchange("POST", "/lines", {}, in_pieces(*[b"x" * 1_000_000] * 20))
        assert answer == Answer(200, b"{}")
        assert taken.count(b"x") == 20_000_000


async def test_no_more_of_a_body_is_taken_while_the_server_does_not_read() -> None:
    given, read_on = 0, asyncio.Event()

    async def counted() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(100):
            given += 1
            yield b"x" * 1_000_000

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await read_on.wait()
        tail = b""
        while not tail.endswith(b"\r\n0\r\n\r\n"):
            tail = (tail + await reader.read(1_000_000))[-7:]
        writer.write(PLAIN)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pool = Pool(urlsplit(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), 8, 4.0)
    async with asyncio.timeout(10), server:
        asking = asyncio.create_task(pool.exchange("POST", "/lines", {}, counted()))
        await until(lambda: given > 0)
        await asyncio.sleep(0.1)
        assert given < 50, "what the buffers of both sockets hold"
        read_on.set()
        assert await asking == Answer(200, b"{}")
        assert given == 100
        pool.close()


async def test_an_answer_before_the_end_of_the_body_ends_the_body_and_connection() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"line\n"
            await asyncio.sleep(0.001)

    async with asyncio.timeout(2), taking_in(1) as (pool, _, ended):
        assert await pool.exchange("POST", "/lines", {}, endless()) == Answer(200, b"{}")
        await ended.wait()


async def test_a_body_still_being_sent_when_the_time_is_up_is_broken_off() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"line\n"
            await asyncio.sleep(0.001)

    async with asyncio.timeout(2), taking_in(10**9) as (pool, taken, ended):
        with pytest.raises(TimeoutError):
            await pool.exchange("POST", "/lines", {}, endless(), 0.05)
        await ended.wait()
        assert taken.startswith(b"5\r\nline\n\r\n")


async def test_a_body_that_fails_breaks_the_request_off() -> None:
    async with asyncio.timeout(2), taking_in(1_000) as (pool, taken, ended):
        with pytest.raises(LookupError, match="the caller left"):
            await pool.exchange("POST", "/lines", {}, in_pieces(b"one\n", fault=LookupError("the caller left")))
        await ended.wait()
        assert not taken.endswith(b"0\r\n\r\n")


async def test_a_server_that_leaves_in_the_middle_of_a_body_raises_broken() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000
            await asyncio.sleep(0)

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    server = await asyncio.start_server(leave, "127.0.0.1", 0)
    async with asyncio.timeout(2), server:
        pool = Pool(urlsplit(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), 8, 4.0)
        with pytest.raises(Broken) as caught:
            await pool.exchange("POST", "/lines", {}, endless())
        assert not caught.value.begun
        pool.close()
