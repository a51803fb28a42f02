"""The retriever over HTTP."""

import base64
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import orjson
import pytest

from shelfwise.contracts.history import COLUMNS
from shelfwise.contracts.retrieve import LeftOut, RetrieveResponse
from shelfwise.deadline import HEADER
from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings
from tests.support.asgi import service_client
from tests.support.catalog import DIMENSION, SHELF, SPACE, publish_shelf, vector_of
from tests.support.waiting import until_ready

VECTOR = vector_of("potato chips")


def encoded(vector: np.ndarray[Any, Any] = VECTOR, **space: object) -> dict[str, object]:
    return {
        "space": {**SPACE.model_dump(), **space},
        "count": 1,
        "base64": base64.b64encode(vector.astype("<f4").tobytes()).decode(),
    }


@pytest.fixture
async def client(bundle_folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = RetrieverSettings(bundles=str(bundle_folder), bundle_poll_s=0.05)
    async with service_client(create_app(settings)) as client:
        await until_ready(client)
        yield client


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


async def test_a_misspelt_text_is_answered_with_its_correction_if_correct_is_set(client: httpx.AsyncClient) -> None:
    asked = {"kind": "text", "text": "potatoe chps", "correct": True, "vector": encoded()}
    found = RetrieveResponse.model_validate_json((await client.post("/retrieve", json=asked)).content)
    assert (found.corrected, found.ids) == ("potatoes chips", [])
    for other in ({**asked, "text": found.corrected}, {**asked, "correct": False}):
        found = RetrieveResponse.model_validate_json((await client.post("/retrieve", json=other)).content)
        assert found.corrected is None
        assert "chips-1" in found.ids


async def test_texts_also_searched_for_are_found_and_words_as_meant_are_not_corrected(client: httpx.AsyncClient) -> None:
    async def ask(**more: object) -> RetrieveResponse:
        asked = {"kind": "text", "text": "chps", "correct": True, **more}
        return RetrieveResponse.model_validate_json((await client.post("/retrieve", json=asked)).content)

    assert (await ask()).corrected == "chips"
    found = await ask(as_meant=["Chps"], also=["desk lmap", "lamp"])
    assert found.corrected is None
    assert found.scores["lexical"][found.ids.index("lamp-1")]
    guessed = (await ask(correct=False)).scores["lexical"]
    assert any(guessed), "a slip is looked up as what it was most likely meant to be"
    assert not any((await ask(correct=False, as_meant=["chps"])).scores["lexical"])
    assert (await ask(text="chps plish", as_meant=["chps"], also=["lamp"])).corrected == "chps polish"


async def test_a_product_is_found_by_its_id(client: httpx.AsyncClient) -> None:
    asked = {"kind": "text", "text": " LAMP-1 ", "correct": True, "vector": encoded(), "limit": 2}
    found = RetrieveResponse.model_validate_json((await client.post("/retrieve", json=asked)).content)
    assert (found.named, found.ids[0], found.products[0]["title"]) == ("lamp-1", "lamp-1", "Desk lamp")
    assert (found.corrected, len(found.ids)) == (None, len(set(found.ids)))
    assert found.order[1:] == sorted(found.order[1:], reverse=True)
    with_synonym = await client.post("/retrieve", json={**asked, "also": ["light"], "as_meant": ["lamp"]})
    assert with_synonym.json()["named"] == "lamp-1"
    for other in ({"text": "lamp"}, {"filter": {"category": "Food"}}, {"exclude": ["lamp-1"]}, {"only": ["chips-1"]}):
        raw = (await client.post("/retrieve", json={**asked, "correct": False, **other})).json()
        assert "named" not in raw
        assert ("lamp-1" in raw["ids"]) == ("text" in other)
    listed = {**asked, "only": ["chips-1", "chips-2", "lamp-1"]}
    found = RetrieveResponse.model_validate_json((await client.post("/retrieve", json=listed)).content)
    assert (found.named, found.ids[0], len(found.ids)) == ("lamp-1", "lamp-1", 3)


async def test_products_of_a_callers_list_that_are_not_in_the_catalog_are_unknown(client: httpx.AsyncClient) -> None:
    asked = {"kind": "text", "text": "potato chips", "only": ["lamp-1", "x", "chips-1", "y"]}
    found = RetrieveResponse.model_validate_json((await client.post("/retrieve", json=asked)).content)
    assert (set(found.ids), found.unknown) == ({"lamp-1", "chips-1"}, ["x", "y"])
    refused = {**asked, "filter": {"category": "home"}}
    found = RetrieveResponse.model_validate_json((await client.post("/retrieve", json=refused)).content)
    assert (found.ids, found.unknown) == (["lamp-1"], ["x", "y"]), "what a filter refuses is known all the same"
    plain = await client.post("/retrieve", json={"kind": "text", "text": "potato chips"})
    assert "unknown" not in plain.json()


async def test_a_text_question_returns_candidates_with_products_and_scores(client: httpx.AsyncClient) -> None:
    answer = await client.post("/retrieve", json={"kind": "text", "text": "potato chips", "vector": encoded()})
    assert answer.status_code == 200
    found = RetrieveResponse.model_validate_json(answer.content)
    assert found.bundle == "v1"
    assert found.ids[:3] == ["chips-1", "chips-2", "chips-3"]
    assert [product["product_id"] for product in found.products] == found.ids
    assert {len(found.order), *map(len, found.scores.values())} == {len(found.ids)}
    assert None in found.scores["lexical"]
    assert None not in found.scores["dense"]
    lamp = found.products[found.ids.index("lamp-1")]
    assert lamp == {
        "product_id": "lamp-1",
        "title": "Desk lamp",
        "category": ["Home"],
        "in_stock": True,
        "attributes": {"Color": "Red", "voltage": "12"},
    }


async def test_a_product_question_does_not_return_its_seed(client: httpx.AsyncClient) -> None:
    found = (await client.post("/retrieve", json={"kind": "product", "seeds": ["chips-1"], "limit": 3})).json()
    assert found["ids"][:2] == ["chips-2", "chips-3"]


async def test_unknown_products_of_a_cart_are_returned_as_unknown(client: httpx.AsyncClient) -> None:
    found = (await client.post("/retrieve", json={"kind": "together", "seeds": ["chips-1", "nowhere"], "limit": 3})).json()
    assert found["unknown"] == ["nowhere"]
    assert found["ids"]


async def test_left_out_holds_the_seeds_or_the_excluded_products_of_the_history(client: httpx.AsyncClient) -> None:
    cart = await client.post("/retrieve", json={"kind": "together", "seeds": ["lamp-1", "nowhere"], "exclude": ["corn-1"]})
    assert RetrieveResponse.model_validate_json(cart.content).left_out == [LeftOut(product_id="lamp-1", title="Desk lamp")]
    touched = ["polish-2", "nowhere", "chips-1", "corn-1"]
    counts = {name: [1] * 4 for name in COLUMNS}
    history = {**counts, "products": touched, "orders": 1, "orders_this_hour": 0, "orders_this_weekday": 0}
    asked = {"kind": "user", "history": history, "exclude": ["lamp-1", "corn-1", "nowhere", "polish-2"]}
    user = RetrieveResponse.model_validate_json((await client.post("/retrieve", json=asked)).content)
    assert [product.product_id for product in user.left_out] == ["polish-2", "corn-1"]
    assert "left_out" not in (await client.post("/retrieve", json={**asked, "exclude": ["lamp-1"]})).json()


async def test_a_selective_filter_is_given_as_the_reason_for_fewer_products(client: httpx.AsyncClient) -> None:
    body = {"kind": "text", "text": "anything", "vector": encoded(), "filter": {"category": "home"}}
    found = (await client.post("/retrieve", json=body)).json()
    assert found["ids"] == ["lamp-1"]
    assert found["why_fewer"] == "only 1 product satisfies the filter"


async def test_a_text_that_finds_nothing_gets_an_empty_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post("/retrieve", json={"kind": "text", "text": "zzzzzz"})
    scores: dict[str, list[float]] = {"dense": [], "lexical": [], "spelled": []}
    assert answer.json() == {"bundle": "v1", "ids": [], "order": [], "scores": scores, "products": []}


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        ({"kind": "product", "seeds": ["nowhere"]}, 404, "unknown_product", "'nowhere'"),
        ({"kind": "text", "vector": encoded(model="other")}, 422, "foreign_vector", "'other'"),
        ({"kind": "text", "vector": encoded(normalized=False)}, 422, "foreign_vector", "not normalized"),
        ({"kind": "text", "vector": encoded(dimension=3)}, 422, "foreign_vector", "3 dimensions"),
        ({"kind": "text", "vector": encoded(VECTOR[:5])}, 422, "invalid_request", f"expected {DIMENSION} float32"),
        ({"kind": "text", "vector": encoded(VECTOR * np.nan)}, 422, "invalid_request", "finite"),
        ({"kind": "text", "vector": {**encoded(), "base64": "***"}}, 422, "invalid_request", "expected base64"),
        ({"kind": "text", "vector": {**encoded(), "count": 2}}, 422, "invalid_request", "found 2"),
        ({"kind": "text", "text": "x", "filter": {"colour": "red"}}, 422, "invalid_request", "filter.colour: unknown field"),
        ({"kind": "text"}, 422, "invalid_request", "found neither"),
        ({"kind": "product"}, 422, "invalid_request", "expected seeds"),
        ({"kind": "text", "text": "x", "limit": 0}, 422, "invalid_request", "limit"),
    ],
)
async def test_an_invalid_question_is_refused_with_its_code_and_reason(
    client: httpx.AsyncClient, body: dict[str, object], status: int, code: str, said: str
) -> None:
    answer = await client.post("/retrieve", content=orjson.dumps(body))
    assert problem(answer)[:2] == (status, code)
    assert said in problem(answer)[2]


async def test_a_request_whose_deadline_has_passed_is_refused(client: httpx.AsyncClient) -> None:
    body = {"kind": "text", "text": "chips"}
    await client.post("/retrieve", json=body)
    assert problem(await client.post("/retrieve", json=body, headers={HEADER: "0"}))[:2] == (504, "deadline_exceeded")
    assert problem(await client.post("/retrieve", json=body, headers={HEADER: "soon"}))[0] == 422
    assert (await client.post("/retrieve", json=body, headers={HEADER: "5000"})).status_code == 200


async def test_a_product_is_returned_by_its_id_and_an_unknown_one_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/products/corn-1")).json()["rating"] == 4.5
    assert problem(await client.get("/products/nowhere"))[:2] == (404, "unknown_product")


async def test_a_product_id_may_contain_a_slash_or_a_line_end(tmp_path: Path) -> None:
    publish_shelf(tmp_path, [{**SHELF[0], "product_id": "a/b c"}, {**SHELF[1], "product_id": "a/b c\n"}])
    async with service_client(create_app(RetrieverSettings(bundles=str(tmp_path)))) as client:
        await until_ready(client)
        for product_id in ("a/b c", "a/b c\n"):
            assert (await client.get(f"/products/{quote(product_id, safe='')}")).json()["product_id"] == product_id


async def test_without_a_bundle_the_retriever_is_not_ready(tmp_path: Path) -> None:
    async with service_client(create_app(RetrieverSettings(bundles=str(tmp_path)))) as client:
        assert problem(await client.post("/retrieve", json={"kind": "text", "text": "x"}))[:2] == (503, "not_ready")
        assert (await client.get("/readyz")).status_code == 503


async def test_a_newly_published_bundle_is_warmed_up_and_takes_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "shelfwise.retriever")
    publish_shelf(tmp_path, SHELF[:2], "v1")
    async with service_client(create_app(RetrieverSettings(bundles=str(tmp_path), bundle_poll_s=0.02))) as client:
        await until_ready(client, "v1")
        publish_shelf(tmp_path, SHELF, "v2")
        await until_ready(client, "v2")
        found = (await client.post("/retrieve", json={"kind": "text", "text": "lamp"})).json()
    assert (found["bundle"], found["ids"]) == ("v2", ["lamp-1"])
    assert [record.__dict__["requests"] for record in caplog.records if record.message == "warm"] == [4, 16]
