"""The gateway's real clients, against a server that fails at one kind of request."""

import asyncio

import orjson
import pytest
from aiohttp import web

from shelfwise.clients import Candidates, Question
from shelfwise.deadline import Deadline
from shelfwise.errors import DatabaseUnavailable, DeadlineExceeded, UpstreamUnavailable
from shelfwise_gateway.settings import GatewaySettings
from shelfwise_gateway.upstreams import connect
from tests.unit.clients.dropping import error, json, serving

FOUND = {"bundle": "b1", "ids": [], "order": [], "scores": {}, "products": []}


async def test_failed_product_writes_do_not_open_the_breaker_of_questions() -> None:
    lost = error(503, "database_unavailable")

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return await lost(request) if request.method == "PUT" else json(FOUND)

    async with serving(handler) as server, connect(GatewaySettings(retriever_url=server.url, breaker_failures=2)) as upstreams:
        for expected in (DatabaseUnavailable, DatabaseUnavailable, UpstreamUnavailable):
            with pytest.raises(expected):
                await upstreams.retriever.write("PUT", "1", b"{}", Deadline.after_ms(2000))
        found = await upstreams.retriever.retrieve(Question(kind="user"), None, 5, Deadline.after_ms(2000))
    assert found.bundle == "b1"
    assert [request.method for request in server.requests] == ["PUT", "PUT", "POST"], "the third write was not tried"


async def test_late_reasons_do_not_open_the_breaker_of_rankings() -> None:
    late, asked = error(504, "deadline_exceeded"), Candidates("b1", ["1"], [1.0], {}, [{}], None)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        explains = "explain_ids" in orjson.loads(await request.read())
        return await late(request) if explains else json({"bundle": "b1", "scores": [0.5]})

    async with serving(handler) as server, connect(GatewaySettings(ranker_url=server.url, breaker_failures=1)) as upstreams:
        for expected in (DeadlineExceeded, UpstreamUnavailable):
            with pytest.raises(expected):
                await upstreams.ranker.explain(Question(kind="user"), asked, ["1"], Deadline.after_ms(2000))
        ranking = await upstreams.ranker.rank(Question(kind="user"), asked, Deadline.after_ms(2000))
    assert ranking.scores == [0.5]


async def test_a_rush_of_events_does_not_keep_histories_waiting() -> None:
    rushing, over = asyncio.Event(), asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/context":
            return json({"history": {"products": []}})
        rushing.set()
        await over.wait()
        return json({"accepted": 1, "duplicates": 0})

    async with serving(handler) as server, connect(GatewaySettings(ranker_url=server.url, max_in_flight=1)) as upstreams:
        event = asyncio.create_task(upstreams.events.take(b"{}", Deadline.after_ms(5000)))
        await rushing.wait()
        assert await upstreams.ranker.history("ann", None, Deadline.after_ms(2000)) == {"products": []}
        over.set()
        assert (await event)["accepted"] == 1


async def test_failed_event_writes_do_not_open_the_breaker_of_histories() -> None:
    lost = error(503, "database_unavailable")

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return json({"history": {"products": []}}) if request.path == "/context" else await lost(request)

    async with serving(handler) as server, connect(GatewaySettings(ranker_url=server.url, breaker_failures=1)) as upstreams:
        for expected in (DatabaseUnavailable, UpstreamUnavailable):
            with pytest.raises(expected):
                await upstreams.events.take(b"{}", Deadline.after_ms(2000))
        assert await upstreams.ranker.history("ann", None, Deadline.after_ms(2000)) == {"products": []}
