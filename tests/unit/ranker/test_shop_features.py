"""Features of price, category, rating and age."""

import math

import numpy as np
import pytest

from tests.unit.ranker.shelf import columns


def test_a_price_is_compared_with_its_category_and_the_other_candidates() -> None:
    found = columns(["red", "blue", "file"], text="nail")
    low, high = math.log(5), math.log(10)
    assert found["log_price"][:2] == pytest.approx([low, high])
    assert found["price_to_category"][:2] == pytest.approx([(low - high) / 2, (high - low) / 2], abs=1e-6)
    assert found["price_to_candidates"][:2] == pytest.approx([(low - high) / 2, (high - low) / 2], abs=1e-6)
    assert all(math.isnan(found[name][2]) for name in ("log_price", "price_to_category", "price_to_candidates"))


def test_a_price_is_compared_with_the_price_of_the_seed() -> None:
    found = columns(["blue", "file", "milk"], seeds=["red"])
    assert found["price_to_seed"][0] == pytest.approx(math.log(10) - math.log(5))
    assert found["price_to_seed"][2] == pytest.approx(math.log(2) - math.log(5))
    assert found["price_distance_to_seed"][2] == pytest.approx(math.log(5) - math.log(2))
    assert math.isnan(found["price_to_seed"][1])
    assert all(math.isnan(value) for value in columns(["blue"], seeds=["file"])["price_to_seed"])


def test_category_brand_and_text_are_compared_with_those_of_all_seeds() -> None:
    found = columns(["blue", "wall", "choc", "new"], seeds=["red", "milk"])
    assert found["same_category"][:3] == [1.0, 0.0, 1.0]
    assert found["same_parent_category"][:3] == [1.0, 0.0, 1.0]
    assert found["same_brand"][:3] == [1.0, 0.0, 1.0]
    assert found["same_text"][:3] == [0.0, 0.0, 0.0]
    assert math.isnan(found["same_category"][3])


def test_features_against_an_unknown_seed_are_nan() -> None:
    found = columns(["blue"], seeds=["gone"])
    assert all(math.isnan(found[name][0]) for name in ("same_category", "price_to_seed", "query_in_title"))


def test_a_category_has_the_share_of_the_scores_of_its_candidates() -> None:
    found = columns(["red", "blue", "wall"], text="nail paint", scores={"dense": [0.9, 0.7, 0.5]})
    assert found["category_share_of_scores"] == pytest.approx([1.0, 1.0, 0.0])
    spread = columns(["red", "wall", "milk"], text="paint", scores={"dense": [0.9, 0.7, 0.5], "lexical": [None, 2.0, 1.0]})
    assert spread["category_share_of_scores"] == pytest.approx([1 / 2.25, 1.25 / 2.25, 0.0])


def test_a_source_without_differences_says_nothing_about_categories() -> None:
    scores: dict[str, list[float | None]] = {"dense": [0.9, 0.5, 0.5], "lexical": [2.0, 2.0, 2.0], "votes": [None, None, None]}
    found = columns(["red", "wall", "milk"], text="paint", scores=scores)
    assert found["category_share_of_scores"] == pytest.approx([1.0, 0.0, 0.0])
    alike = columns(["red", "wall"], text="paint", scores={"dense": [0.5, 0.5]})
    assert alike["category_share_of_scores"] == alike["parent_share_of_scores"] == [0.0, 0.0]


def test_a_category_has_the_words_of_its_candidates_in_titles_and_elsewhere() -> None:
    found = columns(["red", "file", "wall"], text="crimson")  # an attribute of "red"
    assert found["category_words_minus_best"] == pytest.approx([0.0, 0.0, -0.5])


def test_few_ratings_are_pulled_to_the_mean() -> None:
    found = columns(["red", "blue", "file", "wall"], text="nail")
    # The mean of all ratings is 4; a product with 20 ratings keeps half of its distance from that mean.
    assert found["rating"][:2] == pytest.approx([4.5, 3.5])
    assert math.isnan(found["rating"][2])
    assert math.isnan(found["rating"][3])  # a rating with a count of zero
    assert found["rating_count"][0] == pytest.approx(math.log(21))
    assert found["rating_minus_mean"][:2] == pytest.approx([0.5, -0.5])


def test_age_is_in_days_and_never_negative() -> None:
    found = columns(["red", "blue", "choc"], text="nail")
    assert found["age"][0] == pytest.approx(np.log1p(10), rel=1e-5)
    assert math.isnan(found["age"][1])
    assert found["age"][2] == 0.0
