"""What a shopper did before, as features of a candidate."""

import math
from typing import Any

import numpy as np
import pytest

from shelfwise.contracts.history import History
from shelfwise_ranker.features.asker import AskersInterest, AskersPurchases
from tests.unit.ranker.shelf import columns, history_of_shopper

HISTORY = history_of_shopper(
    ("purchase", "red", "ann", 40), ("purchase", "red", "ann", 30), ("purchase", "red", "ann", 10),
    ("purchase", "milk", "ann", 30), ("view", "file", "ann", 2), ("add_to_cart", "blue", "ann", 1),
)  # fmt: skip
IDS = ["red", "milk", "file", "blue", "wall"]


def asked(ids: list[str] = IDS, history: History | None = HISTORY, **others: object) -> dict[str, list[float]]:
    return columns(ids, kind="user", history=history, **others)  # type: ignore[arg-type]


def test_own_purchases_have_features_of_frequency_and_recency() -> None:
    found = asked()
    assert found["own_purchases"] == [3, 1, 0, 0, 0]
    assert found["own_order_share"] == pytest.approx([1, 1 / 3, 0, 0, 0])
    assert found["own_order_share_since"][:2] == pytest.approx([1, 1 / 2.5])
    assert found["own_days_since"][:2] == pytest.approx(np.log1p([10, 30]))
    assert math.isnan(found["own_days_since"][2])
    assert found["own_in_last_order"] == [1, 0, 0, 0, 0]
    assert found["own_orders_since"][:2] == pytest.approx([10 / 15, 30 / 15])
    assert found["own_purchases_rank"][:2] == pytest.approx([1, 1 / 2])
    assert math.isnan(found["own_purchases_rank"][4])
    assert found["own_purchases_share_of_max"][:2] == pytest.approx([1, 1 / 3])


def test_the_own_purchase_interval_needs_two_purchases() -> None:
    found = asked()
    assert found["own_interval"][0] == pytest.approx(math.log1p(15))
    assert found["due_by_own_interval"][0] == pytest.approx(math.log(11 / 16))
    assert math.isnan(found["own_interval"][1])
    assert found["orders_overdue"][0] == pytest.approx((10 - 15) / 15)


def test_the_repeat_interval_of_all_buyers_tells_when_a_product_is_due() -> None:
    bought = [("purchase", "milk", "bob", 40.0), ("purchase", "milk", "bob", 20.0)]
    found = asked(bought=bought)
    assert found["due_by_habit"][1] == pytest.approx(math.log(31 / 21))
    assert math.isnan(found["due_by_habit"][0])


def test_views_and_carts_are_counted_apart_from_purchases() -> None:
    found = asked()
    assert found["own_views"] == [0, 0, 1, 0, 0]
    assert found["own_carts"] == [0, 0, 0, 1, 0]
    assert found["new_to_shopper"] == [0, 0, 1, 1, 1]
    assert found["own_days_since_touch"][2] == pytest.approx(math.log1p(2))
    assert found["bought_share_of_candidates"] == pytest.approx([0.4] * 5)
    assert asked(["file", "wall"])["bought_share_of_candidates"] == [0, 0]


def test_shopper_features_describe_orders_interval_order_size_and_repeats() -> None:
    found = asked()
    assert found["shopper_orders"] == [3] * 5
    assert found["shopper_rhythm"][0] == pytest.approx(math.log1p(15))
    assert found["shopper_order_size"][0] == pytest.approx(4 / 3)
    assert found["shopper_repeats"][0] == pytest.approx(1 / 2)


def test_a_candidate_is_compared_with_the_historys_category_brand_and_price() -> None:
    found = asked()
    total = 3 + 1 + 0.1 + 0.3
    assert found["history_share_of_category"][:2] == pytest.approx([3.4 / total, 1 / total])
    assert found["history_share_of_category"][4] == 0
    mean = sum(found["history_share_of_category"]) / 5
    assert found["history_category_minus_mean"][:2] == pytest.approx([3.4 / total - mean, 1 / total - mean])
    assert found["history_share_of_brand"][3] == pytest.approx(3.3 / total)
    assert found["history_days_since_category"][0] == pytest.approx(math.log1p(1))
    assert math.isnan(found["history_days_since_category"][4])
    weighted = (3 * math.log(5) + 1 * math.log(2) + 0.3 * math.log(10)) / 4.3
    assert found["price_to_history"][0] == pytest.approx(math.log(5) - weighted, abs=1e-5)


@pytest.mark.parametrize("history", [None, history_of_shopper()])
def test_a_shopper_without_history_has_zero_counts_and_nan_elsewhere(history: History | None) -> None:
    found = asked(history=history)
    assert found["own_purchases"] == [0] * 5
    assert found["new_to_shopper"] == [1] * 5
    for name in ("own_days_since", "history_share_of_category", "price_to_history", "shopper_rhythm"):
        assert all(math.isnan(value) for value in found[name])


def test_products_no_longer_in_the_catalog_count_only_as_orders_of_the_past() -> None:
    gone = history_of_shopper(("purchase", "gone", "ann", 5), ("purchase", "red", "ann", 9))
    found = asked(["red", "unknown"], gone)
    assert found["own_purchases"] == [1, 0]
    assert found["shopper_orders"] == [2, 2]
    assert math.isnan(found["history_share_of_category"][1])


OF_ASKER = [*AskersPurchases.columns, *AskersInterest.columns]


@pytest.mark.parametrize("asking", [{"kind": "text", "text": "zither"}, {"kind": "product", "seeds": ["new"]}])
def test_text_and_product_requests_have_the_shopper_features_of_user_requests(asking: dict[str, Any]) -> None:
    """No candidate matches, so all are equally relevant. Without a history, all of these features are NaN."""
    known, alone = columns(IDS, history=HISTORY, **asking), asked()
    for name in OF_ASKER:
        np.testing.assert_array_equal(known[name], alone[name])
    for nothing in (None, history_of_shopper()):
        stranger = columns(IDS, history=nothing, **asking)
        assert all(math.isnan(value) for name in OF_ASKER for value in stranger[name])


def test_when_no_word_matches_only_candidates_near_in_meaning_count_as_touched() -> None:
    found = columns(IDS, text="zither", history=HISTORY, scores={"dense": [0.1, 0.9, 0.1, 0.1, 0.1]})
    assert found["own_purchases"] == [0, 1, 0, 0, 0]


def test_products_touched_only_in_the_present_visit_count_as_never_touched() -> None:
    now = (("purchase", "milk", "ann", 0.01), ("add_to_cart", "choc", "ann", 0.01))
    for before, bought in (((), math.nan), ((("purchase", "red", "ann", 30),), 0.0)):
        found = columns(["milk", "choc"], text="milk", history=history_of_shopper(*before, *now))
        np.testing.assert_array_equal(found["own_purchases"], [bought] * 2)
        np.testing.assert_array_equal(found["own_carts"], [bought] * 2)
    often = columns(["milk", "choc"], text="milk", history=history_of_shopper(("purchase", "milk", "ann", 30), *now))
    assert often["own_purchases"] == [2, 0]


def test_candidates_that_match_less_than_others_count_as_never_touched() -> None:
    known = columns(IDS, text="milk", history=HISTORY)
    assert known["own_purchases"] == [0, 1, 0, 0, 0]
    assert known["own_purchases_share_of_max"] == [0, 1, 0, 0, 0]
    assert known["own_views"] == known["own_carts"] == [0] * 5
    assert known["new_to_shopper"] == [1, 0, 1, 1, 1]
