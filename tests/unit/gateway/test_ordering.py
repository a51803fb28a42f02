from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shelfwise.clients import Candidates
from shelfwise_gateway.negation import unwanted_of
from shelfwise_gateway.ordering import order
from shelfwise_gateway.scenario import Scenario


def scenario(**said: Any) -> Scenario:
    return Scenario.model_validate({"question": "text", **said})


def candidates(*products: dict[str, Any]) -> Candidates:
    """Candidates with the ids a, b, c, … and, unless given, titles of their own."""
    ids = [chr(ord("a") + row) for row in range(len(products))]
    filled = [{"product_id": key, "title": key, **product} for key, product in zip(ids, products, strict=True)]
    return Candidates("b", ids, [0.0] * len(ids), {}, filled, None)


def shown(found: Candidates, scores: list[float], with_: Scenario, top_k: int = 10, hidden: tuple[str, ...] = ()) -> str:
    return "".join(found.ids[row] for row in order(found, scores, with_, top_k, hidden).rows)


PLAIN: tuple[dict[str, Any], ...] = ({}, {}, {}, {}, {})
FALLING = [5.0, 4.0, 3.0, 2.0, 1.0]


def test_the_best_score_comes_first_and_equal_scores_keep_their_order() -> None:
    assert shown(candidates(*PLAIN), [0.0, 2.0, 1.0, 2.0, -3.0], scenario()) == "bdcae"


def test_no_more_than_top_k_products_are_shown() -> None:
    assert shown(candidates(*PLAIN), FALLING, scenario(), top_k=2) == "ab"


def test_a_product_that_is_named_by_its_id_comes_before_all_others() -> None:
    found = replace(candidates({}, {"title": "t"}, {}, {"title": "T"}, {}), named="d")
    assert shown(found, FALLING, scenario()) == "dabce"
    assert shown(found, FALLING, scenario(collapse=["title"])) == "dace"
    boosted = replace(found, products=[{**product, "in_stock": product["title"] != "T"} for product in found.products])
    assert shown(boosted, FALLING, scenario(boosts=[{"where": {"in_stock": True}, "places": 9}]), top_k=1) == "d"
    pins = [{"product_id": "e", "position": 1}, {"product_id": "c", "position": 2}]
    assert shown(found, FALLING, scenario(pins=pins), top_k=3) == "dec"
    assert shown(found, FALLING, scenario(pins=pins), top_k=2) == "de"
    result = order(found, FALLING, scenario(pins=[{"product_id": "d", "position": 3}, *pins]), 5)
    assert ([found.ids[row] for row in result.rows], sorted(result.pinned)) == (list("decab"), [2, 4])
    assert shown(found, FALLING, scenario(), hidden=("d",)) == "abce"
    assert shown(replace(found, named=None), FALLING, scenario()) == "abcde"


def test_products_with_an_unwanted_thing_come_last_except_for_boosts_and_pins() -> None:
    found = candidates({"title": "sugar"}, {"title": "sugared", "brand": "B"}, {"title": "sugar free"}, {}, {})

    def without_sugar(with_: Scenario) -> str:
        return "".join(found.ids[row] for row in order(found, FALLING, with_, 5, without=unwanted_of("without sugar")).rows)

    assert without_sugar(scenario()) == "cdeab"
    assert without_sugar(scenario(boosts=[{"where": {"brand": "B"}, "places": 4}])) == "bcdea"
    assert without_sugar(scenario(pins=[{"product_id": "a", "position": 2}])) == "cadeb"


def test_without_candidates_no_products_are_shown() -> None:
    assert order(candidates(), [], scenario(collapse=["title"]), 5).rows == []


def test_hidden_products_are_left_out() -> None:
    assert shown(candidates(*PLAIN), FALLING, scenario(), hidden=("a", "d", "x")) == "bce"


def test_of_products_with_equal_titles_the_better_one_is_shown() -> None:
    found = candidates({"title": "Straße Nr 1"}, {"title": "STRASSE  nr 1"}, {"title": "other"})
    result = order(found, [1.0, 2.0, 3.0], scenario(collapse=["title"]), 10)
    assert [found.ids[row] for row in result.rows] == ["c", "b"]
    assert result.variants == 1


def test_of_a_variant_group_the_best_product_is_shown() -> None:
    found = candidates({"variant_group": "g"}, {}, {"variant_group": "g"}, {"variant_group": None}, {"variant_group": None})
    assert shown(found, FALLING, scenario(collapse=["variant_group"])) == "abde"


def test_a_product_may_be_a_variant_by_its_title_or_by_its_variant_group() -> None:
    found = candidates({"title": "t"}, {"variant_group": "g"}, {"title": "t", "variant_group": "g"})
    assert shown(found, [3.0, 2.0, 1.0], scenario(collapse=["title", "variant_group"])) == "ab"


def test_products_with_nearly_the_same_title_are_shown_once() -> None:
    blue = ["Men Blue Polo T-shirt", "Men Blue Polo Tshirts", "Men Polo T-shirt Blue"]
    titles = [*blue, "Men Red Polo T-shirt", "Mens polo t shirts, red"]
    found = candidates(*({"title": title} for title in titles))
    assert shown(found, FALLING, scenario(collapse=["title"])) == "ad"


def test_without_collapse_all_variants_are_shown() -> None:
    found = candidates({"title": "t", "variant_group": "g"}, {"title": "t", "variant_group": "g"})
    assert shown(found, [2.0, 1.0], scenario()) == "ab"


def test_at_most_limits_the_products_of_a_brand() -> None:
    found = candidates({"brand": "A"}, {"brand": "A"}, {"brand": "A"}, {"brand": "B"}, {})
    assert shown(found, FALLING, scenario(at_most={"brand": 1}), top_k=3) == "ade"


def test_at_most_yields_when_nothing_else_is_left() -> None:
    found = candidates({"brand": "A"}, {"brand": "A"}, {"brand": "A"}, {"brand": "B"})
    assert shown(found, FALLING[:4], scenario(at_most={"brand": 1}), top_k=3) == "adb"


def test_at_most_counts_a_brand_however_it_is_written() -> None:
    found = candidates({"brand": "Côte d'Or"}, {"brand": "CÔTE D’OR"}, {"brand": "Cote d'Or"})
    assert shown(found, FALLING[:3], scenario(at_most={"brand": 1}), top_k=2) == "ac"


def test_at_most_counts_by_the_narrowest_category() -> None:
    found = candidates({"category": ["X", "Y"]}, {"category": ["X", "Y"]}, {"category": ["X", "Z"]})
    assert shown(found, FALLING[:3], scenario(at_most={"category": 1}), top_k=2) == "ac"


@pytest.mark.parametrize(("places", "expected"), [(2, "abecd"), (100, "eabcd")])
def test_a_boost_lifts_a_product_by_its_places(places: int, expected: str) -> None:
    found = candidates({}, {}, {}, {}, {"brand": "A"})
    boost = {"where": {"brand": "A"}, "places": places}
    assert shown(found, FALLING, scenario(boosts=[boost])) == expected


def test_a_boost_by_added_within_days_lifts_new_products() -> None:
    days_ago = [(datetime.now(UTC) - timedelta(days=days)).isoformat() for days in (90, 20, 2)]
    found = candidates({}, *({"created_at": moment} for moment in days_ago))
    boost = {"where": {"added_within_days": 30}, "places": 2}
    assert shown(found, FALLING[:4], scenario(boosts=[boost])) == "cadb"


def test_a_boost_finds_values_that_are_written_otherwise() -> None:
    found = candidates({"brand": "Côte d'Or"}, {"category": ["Nails"]}, {"brand": "CÔTE  D’OR"}, {"brand": "Cote d'Or"})
    boost = {"where": {"brand": "côte d'or"}, "places": 1}
    assert shown(found, FALLING[:4], scenario(boosts=[boost])) == "acbd"


def test_a_bury_lowers_a_product_by_its_places() -> None:
    found = candidates({"category": ["Food", "Snacks"]}, {}, {}, {}, {})
    bury = {"where": {"category": "food"}, "places": 2}
    assert shown(found, FALLING, scenario(buries=[bury])) == "bcade"


def test_a_pin_puts_a_product_at_its_position() -> None:
    pins = [{"product_id": "e", "position": 1}, {"product_id": "a", "position": 3}]
    assert shown(candidates(*PLAIN), FALLING, scenario(pins=pins)) == "ebacd"
    assert shown(candidates(*PLAIN), FALLING, scenario(pins=pins), top_k=3) == "eba"


def test_a_pin_that_was_not_found_or_does_not_fit_changes_nothing() -> None:
    pins = [{"product_id": "x", "position": 1}, {"product_id": "e", "position": 9}]
    assert shown(candidates(*PLAIN), FALLING, scenario(pins=pins), top_k=4) == "abcd"


def test_a_pinned_product_is_shown_in_place_of_its_better_variant() -> None:
    found = candidates({"title": "t"}, {}, {"title": "t"})
    pins = [{"product_id": "c", "position": 2}]
    assert shown(found, FALLING[:3], scenario(pins=pins, collapse=["title"])) == "bc"


def test_a_hidden_product_is_not_shown_even_if_it_is_pinned() -> None:
    pins = [{"product_id": "b", "position": 1}]
    assert shown(candidates(*PLAIN), FALLING, scenario(pins=pins), hidden=("b",)) == "acde"
