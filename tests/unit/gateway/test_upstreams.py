"""The clients that the gateway really uses, over a server whose database is lost."""

import pytest
from aiohttp import web

from shelfwise.clients import Question
from shelfwise.deadline import Deadline
from shelfwise.errors import DatabaseUnavailable, UpstreamUnavailable
from shelfwise_gateway.settings import GatewaySettings
from shelfwise_gateway.upstreams import connect
from tests.unit.clients.dropping import error, json, serving

FOUND = {"bundle": "b1", "ids": [], "order": [], "scores": {}, "products": []}


async def test_products_that_cannot_be_written_do_not_take_the_questions_along() -> None:
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
