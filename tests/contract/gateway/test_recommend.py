"""POST /recommend over the whole application: its answers, and its errors for invalid questions."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shelfwise.clients import Ranking
from shelfwise.context import request_id
from shelfwise.contracts.answer_id import DIGITS, LABEL
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.recommend import RecommendResponse
from shelfwise.errors import UpstreamUnavailable
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings
from tests.support.asgi import service_client
from tests.unit.gateway.catalog import Fakes, history


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
async def client(fakes: Fakes) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(GatewaySettings(max_in_flight=2, max_body_bytes=20_000), fakes.connect)
    async with service_client(app, raise_app_exceptions=False) as client:
        yield client


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """Checks that the answer is the common error body, and returns its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = ErrorBody.model_validate_json(answer.content).error
    assert error.code == code
    assert error.request_id == answer.headers["x-request-id"]
    assert "Traceback" not in error.message
    return error.message


async def test_nail_paints_returns_matching_titles_best_first(client: httpx.AsyncClient) -> None:
    answer = await client.post("/recommend", json={"product_name": "nail paints", "top_k": 5})
    assert answer.status_code == 200
    body = RecommendResponse.model_validate_json(answer.content)
    assert len(body.recommendations) == 4
    assert body.recommendations[0] == "Red nail paints"
    assert body.request_id == f"search.{answer.headers['x-request-id']}"


async def test_answers_to_requests_with_the_same_request_id_have_ids_of_their_own(
    client: httpx.AsyncClient, fakes: Fakes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "shelfwise.access")
    rank, ranked_as = fakes.ranker.rank, []

    async def noted(*asked: Any) -> Ranking:
        ranked_as.append(request_id.get())
        return await rank(*asked)

    monkeypatch.setattr(fakes.ranker, "rank", noted)
    named = {"x-request-id": "page-1"}
    answers = [
        await client.post("/recommend", json={"product_name": "nail"}, headers=named),
        await client.post("/recommend", json={"product_id": "1"}, headers=named),
        await client.post("/rerank", json={"product_name": "nail", "candidates": ["1", "2"]}, headers=named),
    ]
    own = [answer.json()["request_id"] for answer in answers]
    assert len({"page-1", *own}) == 4
    labels = [one[: -DIGITS - 1] for one in own]
    assert labels == ["search", "similar", "rerank"], "an answer's id says what gave it"
    assert all(re.search(LABEL, label) for label in labels)
    assert all(re.fullmatch(r"\.[0-9a-f]{32}", one[-DIGITS - 1 :]) for one in own)
    assert own == ranked_as, "the ranker logs what it ranked under the id that events will name"
    assert [answer.headers["x-request-id"] for answer in answers] == ["page-1"] * 3
    lines = [record for record in caplog.records if record.name == "shelfwise.access"]
    assert [vars(line)["answer_id"] for line in lines] == own


async def test_an_error_carries_the_callers_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.post("/recommend", json={"product_id": "nobody"}, headers={"x-request-id": "mine-1"})
    refused(answer, 404, "unknown_product")
    assert answer.headers["x-request-id"] == "mine-1"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"product_name": "milk", "colour": "red"}, "colour: unknown field; expected one of product_name, product_id"),
        ({"product_name": "milk", "top_k": 0}, "top_k: .*greater than or equal to 1, found 0"),
        ({"product_name": "milk", "top_k": 101}, "top_k: .*less than or equal to 100, found 101"),
        ({"product_name": "milk", "top_k": "many"}, "top_k: .*integer.*found 'many'"),
        ({"product_name": ""}, "product_name: .*at least 1 character"),
        ({"product_name": " \t\n"}, "product_name: .*at least 1 character"),
        ({"product_name": "x" * 10_000}, "product_name: .*at most 500 characters, found 'xxx"),
        ({"product_name": 7}, "product_name: .*string, found 7"),
        (
            {"product_name": "milk", "product_id": "1"},
            "at most one of product_name, product_id and cart, found product_name and product_id",
        ),
        ({}, "expected product_name, product_id, cart, user_id, session_id or scenario, found none of them"),
        ({"top_k": 3, "filter": {"brand": "Acme"}}, "found none of them; send at least one of them"),
        ({"cart": []}, "cart: .*at least 1"),
        ({"cart": ["1"] * 101}, "cart: .*at most 100"),
        ({"cart": "1"}, "cart: .*array, found .1."),
        ({"cart": ["1"], "product_id": "1"}, "found product_id and cart"),
        ({"user_id": 7}, "user_id: .*string, found 7"),
        ({"scenario": "sale"}, "scenario: expected one of search, similar, .*trending, found 'sale'"),
        ({"scenario": "buy-again"}, "'buy-again' answers for a shopper: expected user_id or session_id, found neither"),
        ({"scenario": "trending", "product_name": "milk"}, "'trending' answers without a product: expected no product_name"),
        (
            {"scenario": "similar", "user_id": "7"},
            "'similar' answers for a product: expected product_id or cart, found neither",
        ),
        ({"product_id": ""}, "product_id: .*at least 1 character"),
        ({"product_name": "milk", "filter": {"colour": "red"}}, "filter.colour: unknown field"),
        ({"product_name": "milk", "filter": {"price": {"min": 9, "max": 1}}}, "filter.price: expected min <= max"),
        ({"product_name": "milk", "filter": {"price": {}}}, "expected min, max or both, found neither"),
        ({"product_name": "milk", "filter": []}, "filter: "),
        ({"product_name": "milk", "exclude": ["x"] * 1001}, "exclude: .*at most 1000"),
        ({"product_name": "milk", "deadline_ms": 0}, "deadline_ms: .*found 0"),
        ([{"product_name": "milk"}], "the body: .*object"),
        ("milk", "the body: .*object"),
        (None, "the body: .*object"),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
async def test_an_invalid_question_is_refused_with_a_message(client: httpx.AsyncClient, body: object, said: str) -> None:
    message = refused(await client.post("/recommend", content=json.dumps(body)), 422, "invalid_request")
    assert re.search(said, message), message
    assert len(message) < 500


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("rest", ['"top_k":%s', '"filter":{"price":{"min":%s}}'])
async def test_numbers_that_are_nan_or_infinite_are_refused(client: httpx.AsyncClient, rest: str, number: str) -> None:
    answer = await client.post("/recommend", content='{"product_name":"milk",' + rest % number + "}")
    assert answer.status_code in {400, 422}
    refused(answer, answer.status_code, answer.json()["error"]["code"])


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'{"product_name": ', b"product_name=milk", b"\xff\xfe\x00", b'{"product_name": "\\ud800"}', b"{'a': 1}"],
)
async def test_a_body_that_is_not_json_is_malformed(client: httpx.AsyncClient, raw: bytes) -> None:
    message = refused(await client.post("/recommend", content=raw), 400, "malformed_body")
    assert message.startswith("expected a JSON object")


@pytest.mark.parametrize("name", ["naïve 🎨 爪", "a\u0000b", "<script>", "'; drop table", "\u202egnp"])
async def test_any_text_is_accepted_as_a_product_name(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.post("/recommend", json={"product_name": name})).status_code == 200


async def test_a_body_that_is_too_large_is_refused(client: httpx.AsyncClient) -> None:
    refused(await client.post("/recommend", content=b" " * 20_001), 413, "body_too_large")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(21):
            yield b" " * 1000

    refused(await client.post("/recommend", content=chunks()), 413, "body_too_large")


async def test_a_question_about_an_unknown_product_is_not_found(client: httpx.AsyncClient) -> None:
    message = refused(await client.post("/recommend", json={"product_id": "nobody"}), 404, "unknown_product")
    assert message == "expected the id of a product in the catalog, found 'nobody'"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_a_wrong_method_is_refused(client: httpx.AsyncClient, method: str) -> None:
    refused(await client.request(method, "/recommend"), 405, "method_not_allowed")


async def test_an_unknown_path_is_not_found(client: httpx.AsyncClient) -> None:
    refused(await client.get("/recommendations"), 404, "not_found")


async def test_every_kind_of_question_is_answered_by_its_scenario(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.ranker.histories = {"7": history(("7", 2, 1), ("6", 0, 1))}
    for asked, scenario, first in (
        ({"product_name": "nail file", "user_id": "7"}, "search", "6"),
        ({"product_id": "1"}, "similar", "2"),
        ({"product_id": "1", "scenario": "bought-together"}, "bought-together", "2"),
        ({"cart": ["1", "2"]}, "bought-together", "4"),
        ({"user_id": "7"}, "for-you", "7"),
        ({"session_id": "7", "scenario": "discover"}, "discover", "1"),
        ({"user_id": "7", "scenario": "buy-again"}, "buy-again", "7"),
        ({"user_id": "7", "scenario": "recently-viewed"}, "recently-viewed", "7"),
        ({"scenario": "trending", "filter": {"brand": "Bolt"}}, "trending", "3"),
    ):
        answer = await client.post("/recommend", json=asked)
        assert answer.status_code == 200, answer.text
        body = RecommendResponse.model_validate_json(answer.content)
        assert (body.scenario, body.items[0].product_id, body.degraded) == (scenario, first, [])


async def test_without_a_retriever_trending_products_or_an_error_are_returned(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.retriever.fault = UpstreamUnavailable("the retriever cannot be reached")
    answer = await client.post("/recommend", json={"product_name": "nail"})
    assert answer.json()["degraded"] == ["last_good"], "what is trending"
    answer = await client.post("/recommend", json={"product_name": "nail", "filter": {"brand": "nobody"}})
    refused(answer, 503, "upstream_unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_an_unexpected_exception_is_an_internal_error_without_its_text(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.ranker.fault = RuntimeError("a secret")  # type: ignore[assignment]
    answer = await client.post("/recommend", json={"product_name": "nail"})
    assert "secret" not in refused(answer, 500, "internal")


async def test_requests_beyond_max_in_flight_are_refused_at_once(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.retriever.delay_s = 0.2

    async def ask() -> tuple[httpx.Response, float]:
        began = time.perf_counter()
        answer = await client.post("/recommend", json={"product_name": "nail"})
        return answer, time.perf_counter() - began

    answers = await asyncio.gather(*(ask() for _ in range(5)))
    assert sorted(answer.status_code for answer, _ in answers) == [200, 200, 429, 429, 429]
    for answer, seconds in answers:
        if answer.status_code == 429:
            refused(answer, 429, "overloaded")
            assert answer.headers["retry-after"] == "1"
            assert seconds < 0.1
    fakes.retriever.delay_s = 0.0
    assert (await client.post("/recommend", json={"product_name": "nail"})).status_code == 200, "places are given back"


async def test_places_in_flight_are_given_back_after_errors(client: httpx.AsyncClient) -> None:
    for body in ["{", json.dumps({"product_id": "nobody"}), json.dumps({"product_name": ""})] * 3:
        assert (await client.post("/recommend", content=body)).status_code < 429
    assert (await client.post("/recommend", json={"product_name": "nail"})).status_code == 200


async def test_degraded_answers_and_stages_are_counted_in_the_metrics(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.ranker.fault = UpstreamUnavailable("down")
    answer: dict[str, Any] = (await client.post("/recommend", json={"product_name": "nail"})).json()
    assert answer["degraded"] == ["without_ranker"]
    metrics = (await client.get("/metrics")).text
    assert 'shelfwise_degraded_total{step="without_ranker"} 1.0' in metrics
    assert 'route="/recommend"' in metrics
    assert 'shelfwise_recommendations_total{scenario="search"} 1.0' in metrics
    for stage in ("embed", "retrieve", "rank"):
        assert f'shelfwise_stage_seconds_count{{stage="{stage}"}} 1.0' in metrics
