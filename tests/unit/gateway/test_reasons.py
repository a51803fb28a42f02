"""Reasons for products that no model ranked are true of each product."""

from shelfwise.clients import Candidates
from shelfwise_gateway.reasons import of_order
from shelfwise_gateway.scenario import Scenario
from tests.unit.gateway.catalog import history


def said(order: str, scores: list[float | None], touched: tuple[tuple[str, int, int], ...] = (), **more: str) -> list[str]:
    """The sentences for products 0, 1, …; `more`: fields of the scenario."""
    sources = None if order == "retriever" else [order]
    scenario = Scenario.model_validate({"question": "user", "sources": sources, "order": order, **more})
    ids = [str(row) for row in range(len(scores))]
    columns = {} if order == "retriever" else {order: scores}
    found = Candidates("b", ids, [0.0] * len(ids), columns, [{}] * len(ids), None)
    reasons = of_order(found, [score or 0.0 for score in scores], scenario, history(*touched) if touched else None)
    return [reasons[product_id]["sentence"] for product_id in ids]


def test_products_without_a_trending_score_are_not_called_popular() -> None:
    assert said("trending", [2.0, 0.0, None]) == [
        "popular at present",
        "one of the shop's suggestions",
        "one of the shop's suggestions",
    ]


def test_products_only_put_into_the_cart_are_not_said_to_be_looked_at() -> None:
    touched = (("0", 0, 2), ("1", 0, 0), ("2", 3, 0))
    assert said("viewed", [2.0, 1.0], touched) == ["you looked at it recently", "you put it into your cart"]
    assert said("own", [0.0, 0.2, 3.0], touched) == ["you looked at it", "you put it into your cart", "you bought it before"]


def test_what_a_shopper_did_is_a_reason_only_for_the_shoppers_own_products() -> None:
    assert said("behavior", [1.0], (("0", 3, 0),)) == ["one of the shop's suggestions"], "found for its neighbours"
    assert said("own", [1.0]) == ["one of the shop's suggestions"], "the history is unknown"


def test_a_scenarios_own_reason_is_given_only_for_what_its_source_found() -> None:
    assert said("trending", [2.0, 0.0], reason="hot") == ["hot", "one of the shop's suggestions"]
    assert said("retriever", [2.0, 0.0], reason="hot") == ["hot", "hot"]


def test_a_reason_says_the_same_in_codes_and_in_english() -> None:
    scenario = Scenario.model_validate({"question": "text", "order": "retriever", "reason": "hot"})
    reasons = of_order(Candidates("b", ["0"], [1.0], {}, [{}], None), [1.0], scenario)
    assert reasons["0"] == {
        "sentence": "hot",
        "parts": [{"code": "said_by_scenario", "values": {"sentence": "hot"}}],
        "base": 0.0,
        "contributions": {"order_of_retrieval": 1.0},
    }
