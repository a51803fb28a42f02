"""The application factory: request ids, the common error body, metrics and limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel, Field

from shelfwise.app import answer, body_of, create_service
from shelfwise.app.metrics import Metrics
from shelfwise.errors import Overloaded
from shelfwise.settings import ServiceSettings
from shelfwise.tasks import Background
from tests.support.metrics import metrics_of


class Order(BaseModel):
    pieces: int = Field(ge=1, le=10)
    note: str | None = None
    model_config = {"extra": "forbid"}


@dataclass
class State:
    ready: bool = False
    version: str | None = None
    problem: str | None = "loading"


def build(state: State, background: Background) -> FastAPI:
    router = APIRouter()

    @router.post("/orders")
    async def order(request: Request) -> Response:
        return answer(await body_of(request, Order))

    @router.get("/orders/{number}")
    async def one(number: int) -> Response:
        if number == 429:
            raise Overloaded("the queue holds 8 of 8 requests; try again in 3 s", retry_after_s=3)
        raise RuntimeError("the password is hunter2")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    return create_service(
        "shop",
        settings=ServiceSettings(max_body_bytes=2048),
        metrics=Metrics("shop"),
        readiness=lambda: state,
        background=background,
        lifespan=lifespan,
        routers=[router],
    )


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def background() -> Background:
    return Background()


@pytest.fixture
async def client(state: State, background: Background) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(state, background)), base_url="http://shop") as client:
        yield client


def error_of(response: httpx.Response) -> dict[str, str]:
    body = response.json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"code", "message", "request_id"}
    assert body["error"]["request_id"] == response.headers["x-request-id"]
    return dict(body["error"])


async def test_an_answer_leaves_absent_fields_out(client: httpx.AsyncClient) -> None:
    response = await client.post("/orders", json={"pieces": 3})
    assert response.status_code == 200
    assert response.json() == {"pieces": 3}


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        (b'{"pieces": 0}', 422, "invalid_request", "pieces: Input should be greater than or equal to 1, found 0"),
        (b'{"pieces": 1, "pices": 2}', 422, "invalid_request", "pices: unknown field; expected one of pieces, note"),
        (b"{}", 422, "invalid_request", "pieces: Field required"),
        (b"[1]", 422, "invalid_request", "the body: Input should be an object"),
        (b"{nope", 400, "malformed_body", "expected a JSON object"),
        (b"", 400, "malformed_body", "expected a JSON object"),
        (b'{"pieces": 1, "note": "' + b"x" * 3000 + b'"}', 413, "body_too_large", "at most 2048 bytes, found 3025"),
    ],
)
async def test_an_invalid_body_is_refused_with_what_was_expected(
    client: httpx.AsyncClient, body: bytes, status: int, code: str, said: str
) -> None:
    response = await client.post("/orders", content=body)
    assert response.status_code == status
    error = error_of(response)
    assert error["code"] == code
    assert said in error["message"]


async def test_a_body_without_a_length_is_limited_too(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 1000

    response = await client.post("/orders", content=chunks())
    assert (response.status_code, error_of(response)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/orders/", 404, "not_found"),
        ("DELETE", "/orders", 405, "method_not_allowed"),
        ("GET", "/orders/seven", 422, "invalid_request"),
    ],
)
async def test_routing_errors_have_the_same_error_body(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    response = await client.request(method, path)
    assert (response.status_code, error_of(response)["code"]) == (status, code)
    assert response.headers.get("allow") == ("POST" if status == 405 else None)


async def test_the_message_of_a_defect_is_logged_but_not_sent(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.get("/orders/1", headers={"x-request-id": "abc-1"})
    assert response.status_code == 500
    assert error_of(response)["request_id"] == "abc-1"
    assert "hunter2" not in response.text
    assert "hunter2" in caplog.text


async def test_overload_carries_retry_after(client: httpx.AsyncClient) -> None:
    response = await client.get("/orders/429")
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")


@pytest.mark.parametrize("unfit", ["", "x" * 129, "tab\there"])
async def test_an_unfit_request_id_is_replaced(client: httpx.AsyncClient, unfit: str) -> None:
    response = await client.get("/livez", headers={"x-request-id": unfit})
    assert response.headers["x-request-id"] not in ("", unfit)


async def test_readiness_follows_the_state(client: httpx.AsyncClient, state: State) -> None:
    assert (await client.get("/livez")).status_code == 200
    waiting = await client.get("/readyz")
    assert waiting.status_code == 503
    assert "loading" in error_of(waiting)["message"]
    state.ready, state.version, state.problem = True, "v7", None
    assert (await client.get("/readyz")).json() == {"ready": True, "bundle": "v7", "problem": None}
    assert (await client.get("/version")).json()["bundle"] == "v7"


async def test_livez_and_readyz_answer_head_requests(client: httpx.AsyncClient, state: State) -> None:
    assert [(await client.head(path)).status_code for path in ("/livez", "/readyz")] == [200, 503]
    state.ready = True
    assert (await client.head("/readyz")).status_code == 200


async def test_readiness_problem_and_bundle_are_among_the_metrics(client: httpx.AsyncClient, state: State) -> None:
    said = await metrics_of(client)
    assert (said["shelfwise_ready"], said["shelfwise_problem"]) == (0, 1)
    assert "shelfwise_bundle_info" not in said
    state.ready, state.version, state.problem = True, "v7", None
    assert 'shelfwise_bundle_info{bundle="v7"} 1.0' in (await client.get("/metrics")).text
    said = await metrics_of(client)
    assert (said["shelfwise_ready"], said["shelfwise_problem"]) == (1, 0)


@pytest.mark.skipif(not Path("/proc").exists(), reason="process metrics are read from /proc")
async def test_the_memory_of_the_process_is_among_the_metrics(client: httpx.AsyncClient) -> None:
    assert (await metrics_of(client))["process_resident_memory_bytes"] > 1_000_000


async def test_every_status_is_in_the_latency_histogram(client: httpx.AsyncClient) -> None:
    await client.post("/orders", json={"pieces": 1})
    await client.get("/orders/1")
    await client.get("/orders/429")
    await client.get("/nowhere")
    text = (await client.get("/metrics")).text
    for method, route, status in [
        ("POST", "/orders", 200),
        ("GET", "/orders/{number}", 500),
        ("GET", "/orders/{number}", 429),
        ("GET", "unmatched", 404),
    ]:
        expected = f'shelfwise_request_seconds_count{{method="{method}",route="{route}",service="shop",status="{status}"}} 1.0'
        assert expected in text


async def test_readiness_names_a_background_task_that_failed(
    client: httpx.AsyncClient, state: State, background: Background
) -> None:
    async def fail() -> None:
        raise IndexError("a defect")

    state.ready, state.version, state.problem = True, "v7", "v8 is damaged"
    async with AsyncExitStack() as stack:
        background.run_within(stack, "write-events", fail)
        async with asyncio.timeout(5):
            while background.problem is None:  # noqa: ASYNC110 - the state is the task's
                await asyncio.sleep(0)
        answer = (await client.get("/readyz")).json()
    assert answer["ready"]
    assert answer["problem"] == "v8 is damaged; task 'write-events' failed: IndexError; see the log"
