"""The load generator against small servers on the loopback address."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from benchmarks.serving.load import Order, run_load

Reply = Callable[[dict[str, object]], Awaitable[bytes | None]]


def _http(body: object, *, status: int = 200, keep_alive: bool = True) -> bytes:
    raw = json.dumps(body).encode()
    connection = "keep-alive" if keep_alive else "close"
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(raw)}\r\nConnection: {connection}\r\n\r\n".encode() + raw


@asynccontextmanager
async def _server(reply: Reply) -> AsyncIterator[tuple[int, list[int]]]:
    """A server whose answers `reply` makes (None: hang up); yields its port and a list with one entry a connection."""
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(len(connections))
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                answer = await reply(json.loads(await reader.readexactly(length)))
                if answer is None:
                    return
                writer.write(answer)
                if b"Connection: close" in answer:
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], connections


def _order(port: int, questions: int, **more: float) -> Order:
    texts = [f"question {number}" for number in range(questions)]
    settings = {"clients": 3, "warm_up_s": 0.0, "measure_s": 10.0, "top_k": 1, **more}
    return Order(host="127.0.0.1", port=port, queries=texts, **settings)  # type: ignore[arg-type]


async def test_every_question_is_asked_once_over_kept_connections() -> None:
    asked: list[object] = []

    async def reply(question: dict[str, object]) -> bytes:
        asked.append(question["product_name"])
        return _http({"recommendations": ["a"], "degraded": [], "timings_ms": {"total": 1.5}})

    async with _server(reply) as (port, connections):
        outcome = await run_load(_order(port, 50))
    assert sorted(map(str, asked)) == sorted(f"question {number}" for number in range(50))
    assert len(connections) == 3
    assert outcome.asked == len(outcome.latencies_ms) == 50
    assert outcome.reported_ms == [1.5] * 50
    assert outcome.errors == {}
    assert outcome.client_cpu_us > 0


async def test_a_connection_that_the_server_closes_is_opened_anew() -> None:
    async def reply(question: dict[str, object]) -> bytes:
        return _http({"recommendations": ["a"]}, keep_alive=False)

    async with _server(reply) as (port, connections):
        outcome = await run_load(_order(port, 20))
    assert len(connections) == 20
    assert len(outcome.latencies_ms) == 20
    assert outcome.errors == {}


async def test_answers_that_do_not_count_are_counted_as_errors() -> None:
    async def reply(question: dict[str, object]) -> bytes | None:
        match int(str(question["product_name"]).split()[1]) % 4:
            case 0:
                return _http({"recommendations": ["a"], "degraded": ["no_ranker"]})
            case 1:
                return _http({"error": {"code": "overloaded"}}, status=429)
            case 2:
                return None
            case _:
                return _http({"recommendations": ["a"]})

    async with _server(reply) as (port, _):
        outcome = await run_load(_order(port, 40))
    assert outcome.asked == 40
    assert len(outcome.latencies_ms) == 10
    assert outcome.errors == {
        "degraded: no_ranker": 10,
        "status 429: overloaded": 10,
        "connection broken before the answer was whole": 10,
    }


async def test_a_hanging_server_is_given_up_after_the_timeout() -> None:
    async def reply(question: dict[str, object]) -> bytes:
        await asyncio.sleep(5)
        return b""

    async with _server(reply) as (port, _):
        outcome = await run_load(_order(port, 2, clients=2, timeout_s=0.1))
    assert outcome.errors == {"no answer in time": 2}
    assert outcome.latencies_ms == []


async def test_a_server_that_does_not_listen_is_an_error_per_question() -> None:
    async with _server(lambda question: asyncio.sleep(0, None)) as (port, _):
        pass
    outcome = await run_load(_order(port, 3))
    assert sum(outcome.errors.values()) == 3
    assert all(error.startswith("no connection") for error in outcome.errors)


async def test_measuring_ends_in_time_and_leaves_out_the_warm_up() -> None:
    async def reply(question: dict[str, object]) -> bytes:
        await asyncio.sleep(0.01)
        return _http({"recommendations": ["a"]})

    async with _server(reply) as (port, _):
        outcome = await run_load(_order(port, 1000, clients=1, warm_up_s=0.2, measure_s=0.2))
    assert 0.2 <= outcome.seconds < 0.3
    assert 5 <= len(outcome.latencies_ms) <= 0.3 / 0.01
    assert len(outcome.latencies_ms) < outcome.asked < 1000
    assert min(outcome.latencies_ms) >= 10
