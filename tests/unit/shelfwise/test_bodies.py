"""Bodies that do not arrive: their senders hold no place, and are not treated as a defect."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import Message, Scope

from shelfwise.app import DirectRoute, create_service
from shelfwise.app.body import bounded_body, pieces_of
from shelfwise.app.metrics import Metrics
from shelfwise.settings import ServiceSettings
from shelfwise.tasks import Background
from tests.unit.shelfwise.test_app import State

WHOLE = ["/orders", "/direct/orders"]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("shop")


@pytest.fixture
def app(metrics: Metrics) -> FastAPI:
    router, direct = APIRouter(), APIRouter(route_class=DirectRoute)

    @direct.post("/direct/orders")
    @router.post("/orders")
    async def whole(request: Request) -> Response:
        return Response(await bounded_body(request))

    @router.post("/pieces")
    async def pieces(request: Request) -> Response:
        return Response(b"|".join([piece async for piece in pieces_of(request) if piece]))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    settings = ServiceSettings(body_s=0.05)
    return create_service(
        "shop",
        settings=settings,
        metrics=metrics,
        readiness=State,
        background=Background(),
        lifespan=lifespan,
        routers=[router, direct],
    )


async def sent(app: FastAPI, path: str, *messages: Message) -> list[Message]:
    """What is answered to a caller that sends these messages and then nothing more."""
    coming, answered = iter(messages), []

    async def receive() -> Message:
        message = next(coming, None)
        if message is None:
            await asyncio.Event().wait()
            raise AssertionError
        return message

    async def send(message: Message) -> None:
        answered.append(message)

    scope: Scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": [],
        "http_version": "1.1", "scheme": "http", "server": ("shop", 80), "client": ("caller", 1), "root_path": "",
    }  # fmt: skip
    async with asyncio.timeout(5):
        await app(scope, receive, send)
    return answered


def part(body: bytes, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("path", [*WHOLE, "/pieces"])
async def test_an_incomplete_body_is_refused_with_408_after_body_s(app: FastAPI, path: str) -> None:
    start, body = await sent(app, path, part(b"{"))
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert orjson.loads(body["body"])["error"]["code"] == "body_too_slow"


async def test_a_body_can_be_read_piece_by_piece(app: FastAPI) -> None:
    start, body = await sent(app, "/pieces", part(b"a"), part(b""), part(b"b"), part(b"c", more=False))
    assert (start["status"], body["body"]) == (200, b"a|b|c")


@pytest.mark.parametrize("path", [*WHOLE, "/pieces"])
async def test_a_caller_that_goes_away_is_counted_as_499_and_not_logged(
    app: FastAPI, metrics: Metrics, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answered = await sent(app, path, part(b"{"), {"type": "http.disconnect"})
    assert answered == []
    assert caplog.records == []
    assert f'route="{path}",service="shop",status="499"}} 1.0' in metrics.exposition().decode()
