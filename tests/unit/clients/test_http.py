"""The client against real servers on real sockets."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web

from shelfwise.clients import Breaker, ServiceClient
from shelfwise.context import REQUEST_ID_HEADER, request_id
from shelfwise.deadline import HEADER, Deadline
from shelfwise.errors import (
    DeadlineExceeded,
    MalformedBody,
    NotReady,
    Overloaded,
    ShelfwiseError,
    UnknownProduct,
    UpstreamUnavailable,
)
from tests.unit.clients.dropping import Handler, break_off, drop, echo, error, first, json, serving


def soon() -> Deadline:
    return Deadline.after_ms(2000)


def nobody_listens() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def fragile() -> Breaker:
    return Breaker(threshold=2, open_s=60)


def half_open() -> Breaker:
    now = [0.0]
    breaker = Breaker(1, 60, lambda: now[0])
    breaker.fail()
    now[0] = 60.0
    return breaker


def states(client: ServiceClient) -> list[str]:
    return [replica.breaker.state for replica in client.replicas.all]


async def slow(request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(5)
    return json({})


async def test_a_request_carries_its_id_and_its_deadline() -> None:
    token = request_id.set("r-17")
    async with serving(echo) as server, ServiceClient("ranker", server.url) as client:
        assert await client.post("/rank", b'{"a":1}', soon()) == {"path": "/rank", "length": 7}
    request_id.reset(token)
    headers = server.requests[0].headers
    assert headers[REQUEST_ID_HEADER] == "r-17"
    assert 1500 < int(headers[HEADER]) <= 2000
    assert headers["content-type"] == "application/json"


async def test_connections_are_reused() -> None:
    async with serving(echo) as server, ServiceClient("ranker", server.url) as client:
        for _ in range(3):
            await client.post("/rank", b"{}", soon())
        assert len({request.transport for request in server.requests}) == 1


async def test_connections_are_closed_on_leaving_the_client() -> None:
    closed = asyncio.Event()

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        assert await reader.read() == b""
        closed.set()
        writer.close()

    server = await asyncio.start_server(answer_once, "127.0.0.1", 0)
    async with server:
        async with ServiceClient("ranker", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
            await client.get("/statistics", soon())
        await asyncio.wait_for(closed.wait(), 2)


async def test_a_client_that_was_not_entered_refuses_to_ask() -> None:
    with pytest.raises(RuntimeError, match="expected a ServiceClient inside `async with`"):
        await ServiceClient("ranker", nobody_listens()).get("/statistics", soon())


async def test_a_request_is_retried_once_when_its_connection_is_dropped() -> None:
    async with serving(first(1, drop, echo)) as server, ServiceClient("ranker", server.url) as client:
        assert (await client.post("/rank", b"{}", soon()))["path"] == "/rank"
    assert len(server.requests) == 2


async def test_a_request_is_retried_once_when_its_kept_connection_was_closed() -> None:
    async with serving(first(1, echo, first(1, drop, echo))) as server, ServiceClient("ranker", server.url) as client:
        await client.post("/rank", b"{}", soon())
        await client.post("/rank", b"{}", soon())
    assert len(server.requests) == 3


async def test_a_request_is_not_tried_a_third_time() -> None:
    async with serving(drop) as server, ServiceClient("ranker", server.url) as client:
        with pytest.raises(UpstreamUnavailable, match="the ranker cannot be reached"):
            await client.post("/rank", b"{}", soon())
    assert len(server.requests) == 2


async def test_a_request_is_not_retried_when_its_answer_had_begun() -> None:
    async with serving(break_off) as server, ServiceClient("ranker", server.url) as client:
        with pytest.raises(UpstreamUnavailable, match="broke off"):
            await client.post("/rank", b"{}", soon())
    assert len(server.requests) == 1


async def test_a_request_is_not_retried_when_the_headers_broke_off() -> None:
    connections = 0

    async def half_a_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-le")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(half_a_head, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, ServiceClient("ranker", f"http://127.0.0.1:{port}") as client:
        with pytest.raises(UpstreamUnavailable):
            await client.post("/rank", b"", soon())
    assert connections == 1


async def test_a_request_is_not_retried_after_an_error_answer() -> None:
    async with serving(error(503, "not_ready", "loading")) as server, ServiceClient("ranker", server.url) as client:
        with pytest.raises(NotReady, match="loading"):
            await client.post("/rank", b"{}", soon())
    assert len(server.requests) == 1


async def test_a_retry_goes_to_another_replica() -> None:
    async with serving(echo) as server, ServiceClient("ranker", f"{nobody_listens()},{server.url}", breaker=fragile) as client:
        for _ in range(6):
            await client.post("/rank", b"{}", soon())
        assert states(client) == ["open", "closed"]
    assert len(server.requests) == 6


@pytest.mark.parametrize("refused", [error(503, "not_ready", "loading"), error(429, "overloaded", "full")])
@pytest.mark.parametrize("again", [True, False])
async def test_a_request_that_one_replica_refused_is_sent_to_another(refused: Handler, again: bool) -> None:
    async with serving(refused) as other, serving(echo) as well:
        async with ServiceClient("retriever", f"{other.url},{well.url}") as client:
            for _ in range(4):
                await client.ask("DELETE", "/products/1", None, soon(), again=again)
        assert (len(other.requests), len(well.requests)) == (2, 4)


async def test_a_refused_request_is_sent_to_only_one_other_replica() -> None:
    async with serving(error(429, "overloaded")) as one, serving(error(429, "overloaded")) as two:
        async with ServiceClient("retriever", f"{one.url},{two.url},{two.url}") as client:
            with pytest.raises(Overloaded):
                await client.post("/retrieve", b"{}", soon())
        assert len(one.requests) + len(two.requests) == 2, "one more try, not one for each replica"


@pytest.mark.parametrize(
    ("said", "meant"), [("7", "7"), (None, "1"), ("0", "1"), ("Wed, 21 Oct 2026 07:28:00 GMT", "1"), ("9" * 30, "1")]
)
async def test_retry_after_is_passed_on_and_is_1_if_missing_or_unusable(said: str | None, meant: str) -> None:
    async with serving(error(429, "overloaded", "full", said)) as full, ServiceClient("embedder", full.url) as client:
        with pytest.raises(Overloaded) as refusal:
            await client.post("/embed", b"{}", soon())
    assert refusal.value.headers == {"retry-after": meant}


async def test_a_refusal_is_raised_when_no_other_replica_is_healthy() -> None:
    async with serving(error(429, "overloaded", "full")) as full:
        async with ServiceClient("ranker", f"{full.url},{nobody_listens()}", breaker=fragile) as client:
            client.replicas.all[1].breaker.fail()
            client.replicas.all[1].breaker.fail()
            with pytest.raises(Overloaded, match="full"):
                await client.post("/rank", b"{}", soon())
        assert len(full.requests) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(503, "database_unavailable"), (503, "unavailable"), (504, "deadline_exceeded"), (500, "internal")]
)
async def test_a_request_that_may_have_been_done_is_not_sent_to_another_replica(status: int, code: str) -> None:
    async with serving(error(status, code)) as one, serving(error(status, code)) as two:
        async with ServiceClient("retriever", f"{one.url},{two.url}") as client:
            with pytest.raises(ShelfwiseError):
                await client.ask("PUT", "/products/1", b"{}", soon(), again=True)
        assert len(one.requests) + len(two.requests) == 1


async def lines() -> AsyncIterator[bytes]:
    for line in (b"1\n", b"2\n"):
        yield line


async def test_a_streamed_request_is_answered_with_the_whole_body_or_its_error() -> None:
    async with serving(echo) as server, ServiceClient("retriever", server.url) as client:
        answer = await client.stream("/products:bulk", lines(), soon())
        assert orjson.loads(answer) == {"path": "/products:bulk", "length": 4}
    async with serving(error(400, "malformed_body", "why")) as server, ServiceClient("retriever", server.url) as client:
        with pytest.raises(MalformedBody, match="why"):
            await client.stream("/products:bulk", lines(), soon())


async def test_a_streamed_request_is_not_retried() -> None:
    async with serving(drop) as server, ServiceClient("retriever", server.url) as client:
        with pytest.raises(UpstreamUnavailable, match="the retriever cannot be reached"):
            await client.stream("/products:bulk", lines(), soon())
    assert len(server.requests) == 1


async def test_asking_all_includes_replicas_with_an_open_breaker_and_fails_without_one_of_them() -> None:
    async with serving(echo) as one, serving(echo) as two:
        async with ServiceClient("retriever", f"{one.url},{two.url}", breaker=lambda: Breaker(1, 60)) as client:
            client.replicas.all[1].breaker.fail()
            assert [answer["path"] for answer in await client.ask_all("/changes", soon())] == ["/changes", "/changes"]
        assert (len(one.requests), len(two.requests)) == (1, 1)
        async with ServiceClient("retriever", f"{one.url},{nobody_listens()}") as client:
            with pytest.raises(UpstreamUnavailable, match="a replica of the retriever cannot be reached"):
                await client.ask_all("/changes", soon())


async def test_a_service_that_keeps_failing_is_not_called() -> None:
    async with ServiceClient("ranker", nobody_listens(), breaker=fragile) as client:
        with pytest.raises(UpstreamUnavailable, match="cannot be reached"):
            await client.post("/rank", b"{}", soon())
        began = time.perf_counter()
        with pytest.raises(UpstreamUnavailable, match="gets no requests"):
            await client.post("/rank", b"{}", soon())
        assert time.perf_counter() - began < 0.01


async def test_an_answer_that_is_not_in_time_raises_deadline_exceeded() -> None:
    async with serving(slow) as server, ServiceClient("ranker", server.url) as client:
        began = time.perf_counter()
        with pytest.raises(DeadlineExceeded, match="the ranker did not answer within"):
            await client.post("/rank", b"{}", Deadline.after_ms(60))
        assert time.perf_counter() - began < 1.0
        with pytest.raises(DeadlineExceeded, match="no time left"):
            await client.post("/rank", b"{}", Deadline.after_ms(-1))
    assert len(server.requests) == 1


@pytest.mark.parametrize(("given_ms", "state"), [(20, "closed"), (150, "open")])
async def test_a_late_answer_is_a_failure_only_if_the_time_given_was_fair(given_ms: float, state: str) -> None:
    async with serving(slow) as server, ServiceClient("ranker", server.url, breaker=fragile) as client:
        for _ in range(2):
            with pytest.raises(DeadlineExceeded):
                await client.post("/rank", b"{}", Deadline.after_ms(given_ms))
        assert states(client) == [state]


async def test_a_trial_without_fair_time_frees_its_place() -> None:
    trial = half_open()
    async with serving(slow) as server, ServiceClient("ranker", server.url, breaker=lambda: trial) as client:
        with pytest.raises(DeadlineExceeded):
            await client.post("/rank", b"{}", Deadline.after_ms(20))
        assert states(client) == ["half_open"]
        assert trial.try_enter()


@pytest.mark.parametrize(("status", "code", "state"), [(504, "deadline_exceeded", "closed"), (500, "internal", "open")])
async def test_too_little_time_excuses_an_answer_that_says_late_but_no_other_fault(
    status: int, code: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shelfwise.clients.http.FAIR_S", 60.0)
    async with serving(error(status, code)) as server, ServiceClient("ranker", server.url, breaker=fragile) as client:
        for _ in range(2):
            with pytest.raises(ShelfwiseError):
                await client.post("/rank", b"{}", soon())
        assert states(client) == [state]


async def test_waiting_for_a_free_connection_in_vain_is_no_failure_of_the_service() -> None:
    arrived, done = asyncio.Event(), asyncio.Event()

    async def hold(request: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        await done.wait()
        return json({})

    async with (
        serving(hold) as server,
        ServiceClient("ranker", server.url, connections=1, breaker=lambda: Breaker(1, 60)) as client,
    ):
        held = asyncio.create_task(client.post("/events", b"{}", Deadline.after_ms(5000)))
        await arrived.wait()
        with pytest.raises(DeadlineExceeded, match="no connection to the ranker was free within"):
            await client.post("/context", b"{}", Deadline.after_ms(150))
        assert states(client) == ["closed"]
        done.set()
        await held
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind", "state"),
    [
        (400, "malformed_body", MalformedBody, "closed"),
        (404, "unknown_product", UnknownProduct, "closed"),
        (429, "overloaded", Overloaded, "closed"),
        (503, "not_ready", NotReady, "open"),
        (500, "internal", ShelfwiseError, "open"),
        (504, "deadline_exceeded", DeadlineExceeded, "open"),
    ],
)
async def test_error_answers_raise_their_type_and_faults_open_the_breaker(
    status: int, code: str, kind: type[ShelfwiseError], state: str
) -> None:
    async with serving(error(status, code, "why")) as server, ServiceClient("ranker", server.url, breaker=fragile) as client:
        for _ in range(2):
            with pytest.raises(kind, match="why"):
                await client.get("/products/1", soon())
        assert states(client) == [state]


async def test_a_foreign_error_page_raises_upstream_unavailable() -> None:
    async def page(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<h1>Bad gateway</h1>", status=502)

    async with serving(page) as server, ServiceClient("ranker", server.url) as client:
        with pytest.raises(UpstreamUnavailable, match="502"):
            await client.post("/rank", b"{}", soon())


async def test_an_answer_that_is_not_json_raises_upstream_unavailable() -> None:
    async def page(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<h1>Welcome</h1>")

    async with serving(page) as server, ServiceClient("ranker", server.url) as client:
        with pytest.raises(UpstreamUnavailable, match="expected JSON from the ranker"):
            await client.post("/rank", b"{}", soon())


async def test_a_cancelled_call_is_no_failure_of_the_service_and_frees_the_place_of_a_trial() -> None:
    arrived, trial = asyncio.Event(), half_open()

    async def arrive(request: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        return await slow(request)

    async with serving(arrive) as server, ServiceClient("ranker", server.url, breaker=lambda: trial) as client:
        task = asyncio.create_task(client.post("/rank", b"{}", soon()))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert states(client) == ["half_open"]
        assert trial.try_enter()


async def test_a_probe_is_ready_when_one_replica_is() -> None:
    async def ready(request: web.BaseRequest) -> web.StreamResponse:
        return json({"ready": True, "bundle": "b-2", "problem": None})

    async with serving(ready) as up, serving(error(503, "not_ready", "loading")) as loading:
        async with ServiceClient("ranker", f"{loading.url},{up.url}") as client:
            probe = await client.probe(1.0)
            assert (probe.ready, probe.bundle, probe.problem) == (True, "b-2", None)
        async with ServiceClient("ranker", f"{loading.url},{nobody_listens()}") as client:
            probe = await client.probe(1.0)
            assert (probe.ready, probe.problem) == (False, "loading")
    assert up.requests[0].path == "/readyz"


async def test_a_probe_names_the_service_that_cannot_be_reached() -> None:
    async with ServiceClient("ranker", nobody_listens()) as client:
        probe = await client.probe(1.0)
    assert not probe.ready
    assert probe.problem is not None
    assert "the ranker cannot be reached" in probe.problem


async def test_an_unreachable_address_is_only_logged_and_only_once(caplog: pytest.LogCaptureFixture) -> None:
    async with ServiceClient("ranker", nobody_listens()) as client:
        probes = [await client.probe(1.0) for _ in range(3)]
        with pytest.raises(UpstreamUnavailable) as caught:
            await client.post("/rank", b"{}", soon())
        url = client.replicas.all[0].url
    assert "127.0.0.1" not in f"{probes} {caught.value.message}"
    [told] = [record.__dict__ for record in caplog.records if record.name == "shelfwise.clients"]
    assert (told["url"], "Connect call failed" in told["problem"]) == (url, True), "and once, however often it is asked"


async def test_an_unreachable_address_is_logged_again_after_it_answered(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(first(1, drop, first(1, echo, drop))) as server, ServiceClient("ranker", server.url) as client:
        assert [(await client.probe(1.0)).ready for _ in range(4)] == [False, True, False, False]
    assert len([record for record in caplog.records if record.name == "shelfwise.clients"]) == 2


async def test_a_probe_of_a_strange_answer_or_address_is_not_ready_and_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    async def ready(request: web.BaseRequest) -> web.StreamResponse:
        return json(["ready"])

    async with serving(ready) as strange, ServiceClient("ranker", strange.url) as client:
        probe = await client.probe(1.0)
        assert (probe.ready, probe.problem) == (False, "expected an object from the ranker at /readyz, found b'[\"ready\"]'")
    async with ServiceClient("ranker", "http://a..b:8103") as client:
        probe = await client.probe(1.0)
        assert not probe.ready
        assert probe.problem == "the ranker cannot be asked; see the log"
    assert [vars(record)["url"] for record in caplog.records] == ["http://a..b:8103"]
