"""Every kind of question that a shop asks, through the four real processes and over real purchases."""

from typing import Any

import httpx
import pytest

from tests.support.launcher import RunningShop

Item = dict[str, Any]


@pytest.fixture(scope="module")
def coffee(shop: RunningShop) -> Item:
    """A product that people buy."""
    item: Item = answered(shop, product_name="ground coffee", top_k=1)["items"][0]
    return item


@pytest.fixture(scope="module")
def buyer(shop: RunningShop) -> tuple[str, dict[str, int]]:
    """A shopper with a long history, and how often they bought each product."""
    for user_id in map(str, range(1, 3000)):
        answer = httpx.post(f"{shop.url_of('ranker')}/context", json={"user_id": user_id}, timeout=10)
        assert answer.status_code == 200, answer.text
        history = answer.json()["history"]
        bought = {product: count for product, count in zip(history["products"], history["purchases"], strict=True) if count}
        if len(bought) >= 30:
            return user_id, bought
    raise AssertionError("nobody in the demo shop bought thirty products")


def answered(shop: RunningShop, **question: Any) -> dict[str, Any]:
    """The answer to a question, which must not be degraded."""
    answer = shop.recommend(**question)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["degraded"] == [], body
    return body


def ids(body: dict[str, Any]) -> list[str]:
    found = [item["product_id"] for item in body["items"]]
    assert len(set(found)) == len(found)
    return found


def test_bought_together_answers_for_a_product_and_for_a_cart(shop: RunningShop, coffee: Item) -> None:
    with_one = answered(shop, product_id=coffee["product_id"], scenario="bought-together", top_k=10)
    assert (with_one["scenario"], len(with_one["items"])) == ("bought-together", 10)
    other = with_one["items"][0]["product_id"]
    with_two = answered(shop, cart=[coffee["product_id"], other], top_k=10)
    assert with_two["scenario"] == "bought-together"
    assert {coffee["product_id"], other}.isdisjoint(ids(with_two))
    similar = answered(shop, product_id=coffee["product_id"], top_k=10)
    assert set(ids(similar)) != set(ids(with_one)), "what is alike and what goes together are two questions"
    assert {source for item in with_one["items"] for source in item["sources"]} >= {"together"}


def test_products_with_the_same_name_as_the_seed_are_not_recommended(shop: RunningShop, coffee: Item) -> None:
    for scenario in ("similar", "bought-together"):
        body = answered(shop, product_id=coffee["product_id"], scenario=scenario, top_k=30)
        assert coffee["name"] not in body["recommendations"], scenario


def test_for_you_recommends_what_the_shopper_buys_with_reasons_that_add_up(
    shop: RunningShop, buyer: tuple[str, dict[str, int]]
) -> None:
    user_id, bought = buyer
    body = answered(shop, user_id=user_id, top_k=20, explain=True)
    assert (body["scenario"], len(body["items"])) == ("for-you", 20)
    assert len(bought.keys() & set(ids(body))) >= 3, "what is bought again and again is wanted again"
    assert {"context", "retrieve", "rank"} <= body["timings_ms"].keys()
    for item in body["items"]:
        assert item["sources"]
        reason = item["reason"]
        assert sum(reason["contributions"].values()) + reason["base"] == pytest.approx(item["score"], abs=1e-4)
    assert ids(body) != ids(answered(shop, user_id="a stranger", top_k=20))


def test_discover_recommends_nothing_that_the_shopper_bought(shop: RunningShop, buyer: tuple[str, dict[str, int]]) -> None:
    user_id, bought = buyer
    body = answered(shop, user_id=user_id, scenario="discover", top_k=50)
    assert len(body["items"]) >= 20
    assert bought.keys().isdisjoint(ids(body))


def test_buy_again_recommends_only_what_the_shopper_bought(shop: RunningShop, buyer: tuple[str, dict[str, int]]) -> None:
    user_id, bought = buyer
    body = answered(shop, user_id=user_id, scenario="buy-again", top_k=10)
    assert len(body["items"]) == 10
    assert set(ids(body)) <= bought.keys()


def test_buy_again_is_empty_for_an_unknown_shopper_and_says_why(shop: RunningShop) -> None:
    body = answered(shop, user_id="a stranger", scenario="buy-again")
    assert (body["items"], body["why_fewer"]) == ([], "nothing is known about this shopper yet")


def test_views_of_a_session_are_in_recently_viewed_at_once(shop: RunningShop, coffee: Item) -> None:
    """The views are listed in the next second, latest first."""
    seen = [item["product_id"] for item in answered(shop, product_id=coffee["product_id"], top_k=3)["items"]]
    for number, product_id in enumerate(seen):
        event = {
            "event_id": f"visit-{number}",
            "type": "view",
            "product_id": product_id,
            "session_id": "a visit",
            "timestamp": f"2017-12-31T10:0{number}:00Z",
        }
        assert httpx.post(f"{shop.url}/events", json=event, timeout=10).status_code < 300
    body = answered(shop, session_id="a visit", scenario="recently-viewed")
    assert ids(body) == seen[::-1]
    assert answered(shop, session_id="a visit", top_k=5)["scenario"] == "for-you"


def test_trending_answers_for_the_whole_shop_and_for_a_category(shop: RunningShop) -> None:
    whole = answered(shop, scenario="trending", top_k=10)
    scores = [item["score"] for item in whole["items"]]
    assert (len(scores), scores) == (10, sorted(scores, reverse=True))
    category = answered(shop, scenario="trending", filter={"category": "Cosmetics"}, top_k=5)
    assert len(category["items"]) == 5
    assert all("Cosmetics" in item["category"] for item in category["items"])


def test_sizes_of_one_product_are_rarely_repeated_in_trending_and_for_you(shop: RunningShop) -> None:
    for question in ({"scenario": "trending", "top_k": 50}, {"user_id": "1", "top_k": 50}):
        names = [name.split(",")[0] for name in answered(shop, **question)["recommendations"]]
        assert len(set(names)) >= 0.9 * len(names), names


def test_rerank_orders_a_callers_list_by_a_text_or_for_a_shopper(shop: RunningShop, buyer: tuple[str, dict[str, int]]) -> None:
    nails, coffees = (ids(answered(shop, product_name=name, top_k=8)) for name in ("nail paints", "coffee"))
    listed = [*coffees, *nails]
    asked = {"product_name": "nail paints", "deadline_ms": 5000, "explain": True, "candidates": [*listed, "no-such-product"]}
    answer = httpx.post(f"{shop.url}/rerank", json=asked, timeout=10)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (set(ids(body)), body["unknown"], body["degraded"]) == (set(listed), ["no-such-product"], [])
    places = {product_id: place for place, product_id in enumerate(ids(body))}
    assert sum(places[nail] for nail in nails) < sum(places[coffee] for coffee in coffees), "though nails came last"
    for_buyer = {"candidates": listed, "user_id": buyer[0], "deadline_ms": 5000}
    personal = httpx.post(f"{shop.url}/rerank", json=for_buyer, timeout=10).json()
    assert (set(ids(personal)), personal["degraded"]) == (set(listed), [])


def test_every_listed_scenario_is_answered(shop: RunningShop, coffee: Item, buyer: tuple[str, dict[str, int]]) -> None:
    example = {"product_name": "milk", "product_id": coffee["product_id"], "cart": [coffee["product_id"]]}
    scenarios = httpx.get(f"{shop.url}/scenarios").json()["scenarios"]
    assert {"search", "similar", "bought-together", "for-you", "buy-again", "recently-viewed", "trending"} <= {
        scenario["name"] for scenario in scenarios
    }
    for scenario in scenarios:
        fields = {field: example[field] for field in scenario["takes"][:1]}
        body = answered(shop, scenario=scenario["name"], user_id=buyer[0], **fields)
        assert body["scenario"] == scenario["name"]
