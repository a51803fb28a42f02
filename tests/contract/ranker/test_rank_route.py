"""POST /rank over the real application."""

import asyncio
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from shelfwise.contracts.rank import RankRequest, RankResponse
from shelfwise_ranker.app import create_app
from shelfwise_ranker.event_log import CART, PURCHASE, VIEW
from shelfwise_ranker.features import registry
from shelfwise_ranker.history import history_of
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.settings import RankerSettings
from shelfwise_ranker.tallies import DAY_S
from shelfwise_ranker.warm_up import warm_up_requests
from tests.support.asgi import service_client
from tests.support.ranker import publish_ranker, shop_products

READY_S = 20


@asynccontextmanager
async def ranker_client(bundles: Path, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(RankerSettings(bundles=str(bundles), bundle_poll_s=0.02, **settings))
    async with service_client(app) as client:
        yield client


async def until(client: httpx.AsyncClient, happened: Callable[[httpx.Response], bool], path: str = "/readyz") -> httpx.Response:
    async with asyncio.timeout(READY_S):
        while not happened(response := await client.get(path)):  # noqa: ASYNC110 - the state is the service's
            await asyncio.sleep(0.02)
    return response


async def ready(client: httpx.AsyncClient) -> None:
    await until(client, lambda response: response.status_code == 200)


def question(built: Path, kind: str = "text") -> dict[str, Any]:
    return next(request for request in warm_up_requests(built) if request.kind == kind).model_dump()


@pytest.mark.parametrize("kind", registry.KINDS)
async def test_scores_are_those_of_the_offline_ranker_in_the_order_of_the_ids(bundles: Path, built: Path, kind: str) -> None:
    body = question(built, kind)
    expected = Ranker.open(built).rank(RankRequest.model_validate(body)).response.scores
    async with ranker_client(bundles) as client:
        await ready(client)
        response = await client.post("/rank", json=body)
    assert response.status_code == 200
    answer = RankResponse.model_validate_json(response.content)
    assert answer.bundle == "v1"
    assert answer.scores == pytest.approx(expected)
    assert answer.reasons == {}


async def test_products_viewed_now_are_among_the_best_in_a_shop_trained_on_orders_alone(
    trained_on_orders: Path, tmp_path: Path
) -> None:
    """A shopper who bought something 40 days ago, and looks at three other products today."""
    publish_ranker(tmp_path / "bundles", trained_on_orders)
    looked, ids = ["p150", "p153", "p156"], shop_products()["product_id"].to_list()
    now = time.time()
    kinds, ago = np.array([VIEW, CART, VIEW, PURCHASE], np.int8), np.array([60.0, 120.0, 180.0, 40 * DAY_S])
    history = history_of([*looked, "p000"], kinds, now - ago, now)
    viewed = [1 / (1 + looked.index(product)) if product in looked else None for product in ids]
    body = {"kind": "user", "ids": ids, "scores": {"viewed": viewed}, "history": history.model_dump(), "explain": 10}
    async with ranker_client(tmp_path / "bundles") as client:
        await ready(client)
        answer = RankResponse.model_validate_json((await client.post("/rank", json=body)).content)
    assert set(looked) <= set(answer.reasons)
    for product, reason in answer.reasons.items():
        assert reason.base + sum(reason.contributions.values()) == pytest.approx(answer.scores[ids.index(product)], abs=1e-9)
    assert answer.reasons["p153"].sentence == "you put it into your cart"


async def test_as_many_reasons_are_given_as_explain_asks_for(bundles: Path, built: Path) -> None:
    async with ranker_client(bundles) as client:
        await ready(client)
        response = await client.post("/rank", json=question(built) | {"explain": 3})
    answer = RankResponse.model_validate_json(response.content)
    assert len(answer.reasons) == 3
    for reason in answer.reasons.values():
        assert reason.sentence


async def test_reasons_are_given_for_the_explain_ids_whatever_their_rank(bundles: Path, built: Path) -> None:
    body = question(built)
    async with ranker_client(bundles) as client:
        await ready(client)
        every = RankResponse.model_validate_json((await client.post("/rank", json=body | {"explain": 2000})).content)
        best_first = list(every.reasons)
        named = [best_first[-1], "not a candidate", best_first[20]]
        response = await client.post("/rank", json=body | {"explain": 1, "explain_ids": named})
    answer = RankResponse.model_validate_json(response.content)
    assert len(best_first) == len(body["ids"])
    assert answer.scores == every.scores
    assert answer.reasons == {key: every.reasons[key] for key in (best_first[0], best_first[20], best_first[-1])}


async def test_a_long_explanation_does_not_block_other_questions_or_a_new_bundle(
    bundles: Path, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contributions, begun = RankModel.contributions, threading.Event()

    def long(self: RankModel, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        begun.set()
        time.sleep(0.5)
        return contributions(self, matrix)

    monkeypatch.setattr(RankModel, "contributions", long)
    async with ranker_client(bundles) as client:
        await ready(client)
        explained = asyncio.create_task(client.post("/rank", json=question(built) | {"explain": 20}))
        await asyncio.to_thread(begun.wait, READY_S)
        plain = await client.post("/rank", json=question(built))
        assert not explained.done()
        publish_ranker(bundles, built, "v2")  # the reasons must still be those of the bundle that gave the scores
        await until(client, lambda response: response.json()["bundle"] == "v2", "/version")
        answer = RankResponse.model_validate_json((await explained).content)
    assert plain.status_code == 200
    assert answer.scores == plain.json()["scores"]
    assert (answer.bundle, len(answer.reasons)) == ("v1", 20)
    for product_id, reason in answer.reasons.items():
        score = answer.scores[question(built)["ids"].index(product_id)]
        assert reason.base + sum(reason.contributions.values()) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("nonsense", 400, "malformed_body"),
        ({"kind": "text"}, 422, "invalid_request"),
        ({"kind": "text", "text": "x", "ids": ["a"], "scores": {"dense": [1, 2]}}, 422, "invalid_request"),
        ({"kind": "text", "ids": [], "scores": {}}, 422, "invalid_request"),
        ({"kind": "text", "text": "x", "ids": [], "scores": {}, "surprise": 1}, 422, "invalid_request"),
        ({"kind": "text", "text": "x" * 5000, "ids": [], "scores": {}}, 413, "body_too_large"),
    ],
)
async def test_an_invalid_request_is_refused_with_the_common_error_body(
    bundles: Path, body: object, status: int, code: str
) -> None:
    async with ranker_client(bundles, max_body_bytes=4096) as client:
        await ready(client)
        content = body.encode() if isinstance(body, str) else orjson.dumps(body)
        response = await client.post("/rank", content=content)
    assert response.status_code == status
    assert response.json()["error"]["code"] == code


async def test_a_request_whose_deadline_has_passed_is_refused(bundles: Path, built: Path) -> None:
    async with ranker_client(bundles) as client:
        await ready(client)
        late = await client.post("/rank", json=question(built), headers={"x-deadline-ms": "0"})
        wrong = await client.post("/rank", json=question(built), headers={"x-deadline-ms": "soon"})
        in_time = await client.post("/rank", json=question(built), headers={"x-deadline-ms": "5000"})
    assert (late.status_code, late.json()["error"]["code"]) == (504, "deadline_exceeded")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "invalid_request")
    assert in_time.status_code == 200


async def test_requests_beyond_the_queue_are_refused_with_retry_after(bundles: Path, built: Path) -> None:
    async with ranker_client(bundles, ranker_queue=2) as client:
        await ready(client)
        answers = await asyncio.gather(*(client.post("/rank", json=question(built)) for _ in range(8)))
        afterwards = await client.post("/rank", json=question(built))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.json()["error"]["code"] for answer in refused} == {"overloaded"}
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert [answer.status_code for answer in answers].count(200) == len(answers) - len(refused) >= 2
    assert afterwards.status_code == 200


async def test_without_a_bundle_the_ranker_is_alive_but_not_ready(tmp_path: Path, built: Path) -> None:
    async with ranker_client(tmp_path / "none") as client:
        assert (await client.get("/livez")).status_code == 200
        response = await client.post("/rank", json=question(built))
        assert (response.status_code, response.json()["error"]["code"]) == (503, "not_ready")


async def test_a_model_of_other_features_is_refused_and_the_old_bundle_keeps_serving(
    bundles: Path, built: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(built, other)
    facts = orjson.loads((other / "models.json").read_bytes())
    facts["text"]["features"][0] = "renamed_feature"
    (other / "models.json").write_bytes(orjson.dumps(facts))
    async with ranker_client(bundles) as client:
        await ready(client)
        publish_ranker(bundles, other, "v2")
        response = await until(client, lambda response: response.json().get("problem") is not None)
        assert "renamed_feature" in response.json()["problem"]
        assert response.json()["bundle"] == "v1"
        assert (await client.post("/rank", json=question(built))).json()["bundle"] == "v1"


async def test_a_newer_bundle_takes_over(bundles: Path, built: Path) -> None:
    async with ranker_client(bundles) as client:
        await ready(client)
        publish_ranker(bundles, built, "v2")
        await until(client, lambda response: response.json()["bundle"] == "v2", "/version")
        assert (await client.post("/rank", json=question(built))).json()["bundle"] == "v2"
