"""What many sources say of a candidate."""

import math

import pytest

from shelfwise_ranker.features.request import SOURCES, sources_of
from tests.unit.ranker.shelf import columns

SCORES = {"together": [0.5, 0.25, None], "learned": [None, 2.0, 1.0], "unheard-of": [1.0, 1.0, 1.0]}


def test_each_source_has_its_score_and_its_comparison_with_other_candidates() -> None:
    found = columns(["blue", "file", "milk"], kind="together", seeds=["red"], scores=SCORES)  # type: ignore[arg-type]
    assert found["together_score"][:2] == [0.5, 0.25]
    assert math.isnan(found["together_score"][2])
    assert found["together_share_of_max"][:2] == [1.0, 0.5]
    assert found["learned_rank"][1:] == [1.0, 0.5]
    assert found["learned_minus_mean"][1:] == [0.5, -0.5]
    assert found["found_by"] == [1, 2, 1]
    assert found["rank_fusion"] == pytest.approx([1 / 61, 1 / 62 + 1 / 61, 1 / 62])


def test_for_a_product_its_category_votes_but_dense_and_lexical_do_not() -> None:
    near: dict[str, list[float | None]] = {"dense": [0.1, 0.9, 0.2], "lexical": [1.0, None, 3.0]}
    shelf: dict[str, list[float | None]] = {"category": [0.5, 0.25, None], "together": [1.0, 1.0, 1.0]}
    found = columns(["blue", "file", "milk"], kind="product", seeds=["red"], scores={**near, **shelf})
    assert found["category_share_of_max"][:2] == [1.0, 0.5]
    assert found["category_rank"][:2] == [1.0, 0.5]
    assert found["found_by"] == [1, 1, 0]
    assert found["dense_score"] == pytest.approx([0.1, 0.9, 0.2])
    without = columns(["blue", "file", "milk"], kind="product", seeds=["red"], scores=near)
    assert without["found_by"] == without["rank_fusion"] == [0, 0, 0]


def test_lift_discounts_popular_products() -> None:
    bought = [("purchase", "file", f"u{number}", 0.001) for number in range(9)]
    found = columns(["blue", "file"], kind="together", seeds=["red"], scores={"together": [0.5, 0.5]}, bought=bought)
    assert found["lift"] == pytest.approx([math.log(0.5), math.log(0.5) - math.log(10)], abs=1e-3)
    assert found["lift_minus_mean"][0] > 0 > found["lift_minus_mean"][1]
    assert found["together_times_lift"] == pytest.approx([0.5 * found["lift_minus_mean"][0], 0])


def test_seeds_in_title_is_positive_only_for_titles_that_share_words() -> None:
    found = columns(["blue", "milk"], kind="together", seeds=["red"])
    assert 0 < found["seeds_in_title"][0] < 1
    assert found["seeds_in_title"][1] == 0


def test_each_question_kind_has_its_own_sources() -> None:
    assert sources_of("product") == ("dense", "lexical", "category")
    assert sources_of("text") == ("dense", "lexical", "spelled", "judged")
    assert sources_of("product")[: len(SOURCES)] == sources_of("text")[: len(SOURCES)] == SOURCES
    assert {"own", "viewed", "trending"} <= set(sources_of("user"))
