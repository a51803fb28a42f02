"""POST /recommend:batch over the whole application: the shelves of a page in one call."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shelfwise.contracts.batch import BatchResponse
from shelfwise.contracts.errors import ErrorBody
from shelfwise.contracts.recommend import RecommendResponse
from shelfwise.errors import UpstreamUnavailable
from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings
from tests.support.asgi import service_client
from tests.unit.gateway.catalog import Fakes

NAIL: dict[str, Any] = {"product_name": "nail paints", "top_k": 2}
SIMILAR: dict[str, Any] = {"product_id": "1", "top_k": 3}


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
async def client(fakes: Fakes) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(GatewaySettings(max_in_flight=3), fakes.connect)
    async with service_client(app, raise_app_exceptions=False) as client:
        yield client


async def ask(client: httpx.AsyncClient, *requests: dict[str, Any], **more: Any) -> list[RecommendResponse | ErrorBody]:
    answer = await client.post("/recommend:batch", json={"requests": requests, **more})
    assert answer.status_code == 200, answer.text
    return BatchResponse.model_validate_json(answer.content).answers


def ids(answer: RecommendResponse | ErrorBody) -> list[str]:
    assert isinstance(answer, RecommendResponse)
    return [item.product_id for item in answer.items]


async def test_each_question_of_a_batch_gets_the_same_answer_as_alone(client: httpx.AsyncClient) -> None:
    alone = [(await client.post("/recommend", json=one)).json() for one in (NAIL, SIMILAR)]
    together = await ask(client, NAIL, SIMILAR)
    assert [ids(answer) for answer in together] == [[item["product_id"] for item in one["items"]] for one in alone]
    assert [one["scenario"] for one in alone] == ["search", "similar"]


async def test_each_answer_of_a_batch_has_its_own_id_which_the_access_log_lists(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "shelfwise.access")
    answers = await ask(client, SIMILAR, SIMILAR)
    own = [answer.request_id for answer in answers if isinstance(answer, RecommendResponse)]
    assert len(set(own)) == 2
    assert all(one.startswith("similar.") for one in own)
    (line,) = [vars(record) for record in caplog.records if record.name == "shelfwise.access"]
    assert (line["path"], sorted(line["answer_id"])) == ("/recommend:batch", sorted(own))


async def test_degraded_steps_and_recommendations_are_counted_by_question(client: httpx.AsyncClient, fakes: Fakes) -> None:
    fakes.ranker.fault = UpstreamUnavailable("the ranker cannot be reached")
    await ask(client, NAIL, NAIL)
    said = (await client.get("/metrics")).text.splitlines()
    assert 'shelfwise_degraded_total{step="without_ranker"} 2.0' in said
    assert 'shelfwise_recommendations_total{scenario="search"} 2.0' in said
    assert [line for line in said if line.startswith("shelfwise_request_seconds_count") and "batch" in line and " 1.0" in line]


async def test_with_distinct_no_product_is_in_two_answers(client: httpx.AsyncClient) -> None:
    first, second = await ask(client, NAIL, {**NAIL, "exclude": ["6"]})
    assert set(ids(first)) & set(ids(second))
    first, second, third = await ask(client, NAIL, {**NAIL, "exclude": ["6"]}, SIMILAR, distinct=True)
    assert ids(first), "the first question has what it has alone"
    shown = [*ids(first), *ids(second), *ids(third)]
    assert len(shown) == len(set(shown))
    assert "6" not in ids(second), "a question's own exclusions hold"
    assert [item.rank for item in second.items] == [1, 2]  # type: ignore[union-attr]


async def test_a_question_without_an_answer_does_not_fail_the_others(client: httpx.AsyncClient) -> None:
    for distinct in (False, True):
        unknown, no_scenario, good = await ask(
            client, {"product_id": "nobody"}, {"scenario": "sale", "user_id": "7"}, NAIL, distinct=distinct
        )
        assert isinstance(unknown, ErrorBody)
        assert (unknown.error.code, "nobody" in unknown.error.message) == ("unknown_product", True)
        assert isinstance(no_scenario, ErrorBody)
        assert no_scenario.error.code == "invalid_request"
        assert len(ids(good)) == 2


async def test_each_question_takes_a_place_in_flight_unless_distinct_needs_only_one(client: httpx.AsyncClient) -> None:
    refused = await client.post("/recommend:batch", json={"requests": [NAIL] * 4})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert len(await ask(client, *[NAIL] * 3)) == 3, "the places were given back"
    assert len(await ask(client, *[NAIL] * 4, distinct=True)) == 4, "one after another they need one place"


async def test_the_deadline_of_the_batch_and_that_of_a_question_both_hold(
    client: httpx.AsyncClient, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    retrieve, left = fakes.retriever.retrieve, []

    async def noted(*asked: Any) -> Any:
        left.append(asked[-1].remaining_s)
        return await retrieve(*asked)

    monkeypatch.setattr(fakes.retriever, "retrieve", noted)
    longer = {**SIMILAR, "deadline_ms": 9_000}
    await ask(client, longer, {**SIMILAR, "deadline_ms": 2_000}, deadline_ms=5_000)
    assert 2 < max(left) <= 5
    assert 0 < min(left) <= 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"requests": []}, "requests: .*at least 1 item"),
        ({"requests": [NAIL] * 11}, "requests: .*at most 10 items"),
        (
            {"requests": [NAIL, {"top_k": 3}]},
            "requests.1: expected product_name, product_id, cart, user_id, session_id or",
        ),
        ({"requests": [NAIL], "distict": True}, "distict: unknown field; expected one of requests, distinct, deadline_ms"),
        ([NAIL], "expected|valid dictionary|object"),
    ],
)
async def test_an_invalid_batch_is_refused_as_a_whole(client: httpx.AsyncClient, body: Any, said: str) -> None:
    answer = await client.post("/recommend:batch", json=body)
    assert answer.status_code == 422
    message = ErrorBody.model_validate_json(answer.content).error.message
    assert re.search(said, message), message
