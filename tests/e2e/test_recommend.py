"""The first example of the project, "nail paints", and similar questions, through the four real processes."""

import httpx
import pytest

from tests.support.launcher import RunningShop


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    recommended: list[str] = answer.json()["recommendations"]
    return recommended


def test_nail_paints_returns_five_cosmetics_with_nail_in_name_or_category(shop: RunningShop) -> None:
    answer = shop.recommend(product_name="nail paints", top_k=5)
    assert len(names(answer)) == 5
    body = answer.json()
    assert [item["name"] for item in body["items"]] == body["recommendations"]
    assert all(item["category"][0] == "Cosmetics" for item in body["items"]), body["items"]
    assert all("nail" in " ".join([item["name"], *item["category"]]).lower() for item in body["items"])
    assert body["degraded"] == []
    assert body["scenario"] == "search"
    assert set(body["timings_ms"]) >= {"embed", "retrieve", "rank", "total"}
    assert body["request_id"] == f"search.{answer.headers['x-request-id']}"


def test_a_product_id_returns_similar_products(shop: RunningShop) -> None:
    seed = shop.recommend(product_name="ground coffee", top_k=1).json()["items"][0]
    body = shop.recommend(product_id=seed["product_id"], top_k=8).json()
    assert body["scenario"] == "similar"
    assert len(body["items"]) == 8
    assert seed["product_id"] not in {item["product_id"] for item in body["items"]}
    assert sum(item["category"][1] == seed["category"][1] for item in body["items"]) >= 4


def test_a_filter_and_exclusions_hold_for_every_item(shop: RunningShop) -> None:
    first = shop.recommend(product_name="coffee", top_k=20).json()["items"]
    price = sorted(item["price"] for item in first if item.get("price"))[5]
    excluded = first[0]["product_id"]
    body = shop.recommend(product_name="coffee", top_k=20, filter={"price": {"max": price}}, exclude=[excluded]).json()
    assert body["items"]
    assert all(item["price"] <= price and item["product_id"] != excluded for item in body["items"])


def test_a_filter_that_leaves_too_few_products_gives_why_fewer(shop: RunningShop) -> None:
    scarce = {"category": "Nail Care", "price": {"max": 2}}
    body = shop.recommend(product_name="nail polish", top_k=100, filter=scarce).json()
    assert 0 < len(body["items"]) < 100
    assert all("Nail Care" in item["category"] and item["price"] <= 2 for item in body["items"])
    assert body["why_fewer"]


def test_the_contributions_of_a_reason_add_up_to_the_score(shop: RunningShop) -> None:
    body = shop.recommend(product_name="red lipstick", top_k=5, explain=True).json()
    for item in body["items"]:
        reason = item["reason"]
        assert reason["sentence"]
        assert sum(reason["contributions"].values()) + reason["base"] == pytest.approx(item["score"], abs=1e-4)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"product_name": "milk", "colour": "red"}, 422, "invalid_request"),
        ({"product_name": "milk", "top_k": 0}, 422, "invalid_request"),
        ({"product_name": "milk", "top_k": 101}, 422, "invalid_request"),
        ({"product_name": ""}, 422, "invalid_request"),
        ({"product_name": "x" * 10_000}, 422, "invalid_request"),
        ({"product_id": "no-such-product"}, 404, "unknown_product"),
        ({"product_name": "milk", "filter": {"colour": "red"}}, 422, "invalid_request"),
    ],
)
def test_invalid_questions_are_refused_with_the_common_error_body(
    shop: RunningShop, body: dict[str, object], status: int, code: str
) -> None:
    answer = httpx.post(f"{shop.url}/recommend", json=body)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "request_id"}
    assert error["code"] == code
    assert "Traceback" not in answer.text


def test_a_body_of_invalid_json_is_malformed(shop: RunningShop) -> None:
    answer = httpx.post(f"{shop.url}/recommend", content=b'{"product_name": ')
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_body")


def test_answers_to_nonsense_are_weak_and_those_to_sensible_texts_are_not(shop: RunningShop) -> None:
    for nonsense in ("asdkjhqwe", "xqzv bnmpl"):
        body = shop.recommend(product_name=nonsense, explain=True).json()
        assert body["items"]
        assert body["weak"] is True, body
        assert not any("meaning" in item["reason"]["sentence"] for item in body["items"])
    for sensible in ("nail paints", "ground coffee", "milk"):
        assert "weak" not in shop.recommend(product_name=sensible).json()


def test_the_demo_shops_synonyms_are_searched_for_unless_as_typed(shop: RunningShop) -> None:
    body = shop.recommend(product_name="nail varnish", top_k=5).json()
    assert body["also_searched"] == ["nail care"]
    assert all("Nail Care" in item["category"] for item in body["items"]), body["items"]
    assert "also_searched" not in shop.recommend(product_name="nail varnish", as_typed=True).json()
