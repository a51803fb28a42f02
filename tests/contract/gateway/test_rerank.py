"""POST /rerank over the whole application."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.rerank import RerankResponse
from shelfwise.errors import UpstreamUnavailable
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings
from tests.support.asgi import service_client
from tests.unit.gateway.catalog import Fakes


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
async def client(fakes: Fakes) -> AsyncIterator[httpx.AsyncClient]:
    async with service_client(create_app(GatewaySettings(max_in_flight=2), fakes.connect)) as client:
        yield client


async def test_candidates_are_returned_best_first_and_unknown_ones_apart(client: httpx.AsyncClient) -> None:
    asked = {"candidates": ["7", "x", "6", "1"], "product_name": "nail file", "explain": True}
    answer = await client.post("/rerank", json=asked)
    assert answer.status_code == 200, answer.text
    body = RerankResponse.model_validate_json(answer.content)
    assert [item.product_id for item in body.items] == ["6", "1", "7"]
    assert body.recommendations == ["Nail file", "Red nail paints", "Potato chips"]
    assert body.unknown == ["x"]
    assert all(item.reason for item in body.items)
    assert body.request_id == f"rerank.{answer.headers['x-request-id']}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"product_name": "milk"}, "candidates: .*required"),
        ({"candidates": [], "product_name": "milk"}, "candidates: .*at least 1"),
        ({"candidates": ["x"] * 1001, "product_name": "milk"}, "candidates: .*at most 1000"),
        ({"candidates": ["1", ""], "product_name": "milk"}, "candidates.1: .*at least 1 character"),
        ({"candidates": ["1"]}, "expected product_name, product_id, cart, user_id or session_id, found none of them"),
        ({"candidates": ["1"], "product_name": "milk", "product_id": "1"}, "at most one of product_name, product_id and cart"),
        ({"candidates": ["1"], "user_id": "7", "exclude": ["1"]}, "exclude: unknown field; expected one of product_name"),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
async def test_an_invalid_list_is_refused_with_a_message(client: httpx.AsyncClient, body: object, said: str) -> None:
    answer = await client.post("/rerank", content=json.dumps(body))
    error = ErrorBody.model_validate_json(answer.content).error
    assert (answer.status_code, error.code) == (422, "invalid_request")
    assert re.search(said, error.message), error.message


async def test_without_a_retriever_rerank_is_unavailable(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.retriever.fault = UpstreamUnavailable("the retriever cannot be reached")
    answer = await client.post("/rerank", json={"candidates": ["1"], "product_name": "nail"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "upstream_unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_rerank_gives_its_place_back_after_errors_and_is_in_the_metrics(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await client.post("/rerank", content="{")).status_code == 400
    assert (await client.post("/rerank", json={"candidates": ["1"], "product_name": "nail"})).status_code == 200
    assert 'route="/rerank"' in (await client.get("/metrics")).text
