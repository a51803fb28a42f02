"""Every sentence is true of the product that it is given for."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.reason import ReasonPart
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.reasons.of_model import reasons
from tests.unit.ranker.shelf import NOW, PRODUCTS, behavior, habits, history_of_shopper, shelf

NOTHING_ELSE = "one of the closest matches"


def of_one_family(kind: QuestionKind, family: str, candidates: int) -> NDArray[np.float64]:
    """The contributions of a model for which only one family of features counts."""
    return np.tile([*(float(name == family) for name in registry.families(kind)), 0.0], (candidates, 1))


def said(
    family: str,
    candidates: Sequence[str],
    kind: QuestionKind = "together",
    *,
    seeds: Sequence[str] = (),
    text: str | None = None,
    scores: Mapping[str, list[float | None]] | None = None,
    bought: Sequence[tuple[str, str, str, float]] = (),
    history: History | None = None,
    products: pl.DataFrame = PRODUCTS,
    by_chance: float | None = None,
) -> dict[str, str]:
    """The sentence for each candidate when only `family` counts."""
    table = shelf() if products is PRODUCTS else build_table(products)
    request = FeatureRequest.of(
        kind, text, table.rows(seeds), table.rows(candidates), scores or {},
        table=table, behavior=behavior(table, *bought), habits=habits(table, *bought), now=NOW.timestamp(), history=history,
        dense_by_chance=by_chance,
    )  # fmt: skip
    matrix, places = registry.matrix(request), list(range(len(candidates)))
    found = reasons(request, matrix, np.zeros(len(candidates)), None, places, of_one_family(kind, family, len(candidates)))
    return {candidates[place]: reason.sentence for place, reason in found.items()}


def test_a_reason_for_a_cart_names_the_product_that_it_holds_for() -> None:
    cart = ("milk", "blue")
    assert said("category", ["red", "choc", "wall"], seeds=cart) == {
        "red": "same category as “Nail Polish Blue 2 oz”",
        "choc": "same category as “Milk 16 oz”",
        "wall": "from “Home”",
    }
    assert said("text", ["red", "wall"], seeds=cart) == {
        "red": "goes by a similar name as “Nail Polish Blue 2 oz”",
        "wall": NOTHING_ELSE,
    }


def test_a_price_reason_compares_with_one_cart_product_and_not_with_their_mean() -> None:
    """Chocolate milk costs 3.0, which is also the mean of 1.0 and 7.0 on the logarithmic scale of the features."""
    products = PRODUCTS.with_columns(price=pl.Series([1.0, 7.0, None, 2.9, 0.1, 3.0]))
    assert said("price", ["choc"], seeds=("red", "blue"), products=products) == {"choc": NOTHING_ELSE}
    assert said("price", ["choc"], seeds=("red", "wall"), products=products) == {
        "choc": "costs about as much as “Wall Paint 16 oz”"
    }
    cents = PRODUCTS.with_columns(price=pl.Series([0.1, 0.15, None, 2.9, 0.1, 3.0]))
    assert said("price", ["red"], seeds=("blue",), products=cents) == {"red": NOTHING_ELSE}


def test_bought_together_names_a_single_seed_but_only_the_cart_for_several() -> None:
    found: dict[str, list[float | None]] = {"together": [0.5]}
    assert said("sources", ["choc"], seeds=("milk",), scores=found) == {"choc": "often bought with “Milk 16 oz”"}
    for cart in (("red", "milk"), ("gone", "milk"), ("gone",)):
        assert said("sources", ["choc"], seeds=cart, scores=found) == {"choc": "often bought with something in the cart"}
    assert said("sources", ["choc"], seeds=("red", "milk"), scores={"category": [0.5]}) == {
        "choc": "from the same shelf as “Milk 16 oz”"
    }


def test_without_a_category_the_shelf_of_a_product_is_its_brand() -> None:
    bare = PRODUCTS.with_columns(category=pl.lit([], dtype=pl.List(pl.String)), brand=pl.lit("Glow"))
    found: dict[str, list[float | None]] = {"category": [0.5]}
    assert said("sources", ["red"], seeds=("blue",), scores=found, products=bare) == {
        "red": "same brand as “Nail Polish Blue 2 oz”"
    }


def test_for_a_product_votes_name_its_category_and_sources_name_similarity() -> None:
    near: dict[str, list[float | None]] = {"dense": [0.9], "lexical": [3.0]}
    shelf: dict[str, list[float | None]] = {"category": [0.5]}
    asked = {**near, **shelf}
    assert said("votes", ["choc"], "product", seeds=("milk",), scores=asked) == {"choc": "same category as “Milk 16 oz”"}
    assert said("sources", ["choc"], "product", seeds=("milk",), scores=asked) == {"choc": "similar to “Milk 16 oz”"}
    assert said("sources", ["choc"], "product", seeds=("milk",), scores=shelf) == {"choc": NOTHING_ELSE}


def test_products_without_a_brand_or_category_are_not_said_to_share_one() -> None:
    none = PRODUCTS.with_columns(
        brand=pl.when(pl.col("product_id") == "red").then(pl.lit("Glow")),
        category=pl.lit([], dtype=pl.List(pl.String)),
    )
    assert said("category", ["file", "red"], seeds=("wall",), products=none) == {"file": NOTHING_ELSE, "red": NOTHING_ELSE}
    assert said("price", ["milk"], seeds=("file",), products=none) == {"milk": NOTHING_ELSE}


def test_a_few_purchases_are_neither_many_nor_a_trend() -> None:
    bought = [("purchase", "red", "ann", 80.0), ("purchase", "blue", "ann", 1.0)]
    bought += [("purchase", "wall", f"u{number}", 40.0) for number in range(12)]
    assert said("popularity", ["red", "blue", "wall", "milk"], seeds=("choc",), bought=bought) == {
        "red": "bought lately",
        "blue": "bought lately",
        "wall": "often bought",
        "milk": NOTHING_ELSE,
    }
    rising = [("purchase", "red", f"u{number}", 1.0) for number in range(4)]
    assert said("popularity", ["red"], seeds=("choc",), bought=rising) == {"red": "bought more and more"}


def test_without_dense_scores_no_reason_speaks_of_meaning() -> None:
    lexical: list[float | None] = [1.0, 2.0, 3.0]
    without = said("sources", ["milk", "wall", "red"], "text", text="lacquer", scores={"lexical": lexical})
    assert set(without.values()) == {NOTHING_ELSE}
    known = said("sources", ["milk", "wall", "red"], "text", text="lacquer", scores={"dense": [0.1, 0.2, 0.9]})
    assert known == {"milk": NOTHING_ELSE, "wall": NOTHING_ELSE, "red": "close in meaning to the search"}
    assert said("sources", ["blue"], "product", seeds=("red",)) == {"blue": NOTHING_ELSE}


def test_matched_words_are_quoted_as_typed_or_if_misspelt_as_in_the_title() -> None:
    cold = PRODUCTS.with_columns(title=pl.Series(["Kühlschränke weiß", "Men's Shirt", "红色指甲油", "Wall", "Milk", "Choc"]))

    def matches(text: str, product: str) -> str:
        return said("text", [product], "text", text=text, products=cold)[product]

    assert matches("Kühlschränke", "red") == "matches “Kühlschränke”"
    assert matches("KÜHLSCHRÄNKE Weiß 3", "red") == "matches “KÜHLSCHRÄNKE Weiß”"
    assert matches("men’s shirts", "blue") == "matches “men’s shirts”"
    for text in ("指甲", "红色指甲油", "甲"):
        assert matches(text, "file") == f"matches “{text}”"
    assert matches("khlschränke", "red") == "matches “Kühlschränke”", "misspelt: as the product has it"


def test_the_reason_without_a_history_is_one_of_the_shops_suggestions() -> None:
    nobody = said("shopper", ["red"], "user", history=None)
    assert nobody == {"red": "one of the shop's suggestions"}
    assert said("shopper", ["red"], "user", history=history_of_shopper()) == nobody


def test_a_product_with_a_trending_score_of_zero_is_not_said_to_sell_well() -> None:
    assert said("sources", ["red"], seeds=("milk",), scores={"trending": [0.5]}) == {"red": "sells well at the moment"}
    assert said("sources", ["red"], seeds=("milk",), scores={"trending": [0.0]}) == {"red": NOTHING_ELSE}


def test_a_reason_says_the_same_in_codes_and_in_english() -> None:
    table = shelf()
    request = FeatureRequest.of(
        "together", None, table.rows(["milk"]), table.rows(["choc"]), {"together": [0.5]},
        table=table, behavior=behavior(table), habits=habits(table), now=NOW.timestamp(),
    )  # fmt: skip
    added = of_one_family("together", "sources", 1)
    (reason,) = reasons(request, registry.matrix(request), np.zeros(1), None, [0], added).values()
    assert reason.parts == [ReasonPart(code="often_bought_with", values={"product": "Milk 16 oz"})]
    assert reason.sentence == "often bought with “Milk 16 oz”"


def test_a_dense_score_that_chance_reaches_is_not_a_reason() -> None:
    dense: dict[str, list[float | None]] = {"dense": [0.1, 0.6, 0.7]}

    def of_meaning(by_chance: float) -> dict[str, str]:
        return said("sources", ["milk", "wall", "red"], "text", text="lacquer", scores=dense, by_chance=by_chance)

    near = "close in meaning to the search"
    assert of_meaning(0.65) == {"milk": NOTHING_ELSE, "wall": NOTHING_ELSE, "red": near}
    assert set(of_meaning(0.75).values()) == {NOTHING_ELSE}


def test_a_rating_is_called_better_only_where_most_others_are_worse() -> None:
    rated = PRODUCTS.with_columns(rating=pl.Series([5.0, 4.9, 4.8, 1.0, None, None]), rating_count=pl.Series([500] * 6))
    said_of = said("rating", ["red", "blue", "file", "wall", "milk"], seeds=("choc",), products=rated)
    good = "rated better than most of the others"
    assert said_of == {"red": good, "blue": NOTHING_ELSE, "file": NOTHING_ELSE, "wall": NOTHING_ELSE, "milk": NOTHING_ELSE}


def shopper(family: str, candidate: str, *events: tuple[str, str, str, float]) -> str:
    return said(family, [candidate], "user", history=history_of_shopper(*events))[candidate]


def test_a_buying_rhythm_needs_several_orders_and_must_not_have_stopped() -> None:
    weekly = [("purchase", "milk", "ann", days) for days in (1.0, 8.0, 15.0)]
    daily = [("purchase", "milk", "ann", days) for days in (0.5, 1.5, 2.5)]
    assert shopper("due", "milk", *weekly) == "you buy it about every 7 days"
    assert shopper("due", "milk", *daily) == "you buy it nearly every day"
    at_once = [("purchase", "milk", "ann", 300.0)] * 3
    within_an_hour = [("purchase", "milk", "ann", days) for days in (0.02, 0.03, 0.04)]
    twice = [("purchase", "milk", "ann", days) for days in (1.0, 8.0)]
    long_ago = [("purchase", "milk", "ann", 300.0 + days) for days in (0.0, 1.0, 2.0)]
    for events in (at_once, within_an_hour, twice, long_ago, [*at_once, ("purchase", "milk", "ann", 310.0)]):
        assert shopper("due", "milk", *events) == NOTHING_ELSE


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([("view", "blue", "ann", 3.0)], "you looked at products of “Nails”"),
        ([("purchase", "blue", "ann", 3.0)], "you bought from “Nails” before"),
        ([("purchase", "blue", "ann", days) for days in (3.0, 9.0, 12.0)], "you often buy from “Nails”"),
        ([("purchase", "milk", "ann", 3.0)], NOTHING_ELSE),
    ],
)
def test_category_reasons_tell_views_from_single_and_frequent_purchases(
    events: list[tuple[str, str, str, float]], sentence: str
) -> None:
    assert shopper("affinity", "red", *events) == sentence


def test_a_time_of_day_reason_needs_more_than_a_few_orders_at_that_time() -> None:
    """With hardly an order at this time, the ratio of two small numbers says nothing."""
    night = [("purchase", "milk", "ann", 0.5 + day) for day in range(2)]
    others = [("purchase", "choc", "ann", 0.5 + day) for day in range(2, 40)]
    assert shopper("time", "milk", *night, *others) == NOTHING_ELSE
    noon = [("purchase", "milk", "ann", float(day)) for day in range(1, 4)]
    assert shopper("time", "milk", *noon, *others) == "you buy it at this time of day"
