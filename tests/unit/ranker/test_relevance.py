"""Popularity counts among the relevant candidates."""

import numpy as np
import pytest

from shelfwise_ranker.features.relative import height, mean_of_group, minus_best
from tests.unit.ranker.shelf import columns


def test_popularity_among_relevant_ignores_more_popular_irrelevant_products() -> None:
    bought = [("purchase", "milk", "u", 1.0)] * 9 + [("purchase", "blue", "u", 1.0)] * 2
    found = columns(["red", "blue", "milk"], text="nail polish", scores={"dense": [0.9, 0.9, 0.1]}, bought=bought)
    assert found["popularity_among_relevant"] == pytest.approx([0.0, 1.0, 0.0])
    assert found["relevance"][0] == pytest.approx(1.0)
    assert found["relevance_minus_best"][2] < -0.9


def test_without_dense_scores_relevance_comes_from_words_alone() -> None:
    found = columns(["red", "milk"], text="nail polish")
    assert found["relevance"] == pytest.approx([0.5, 0.0])


def test_a_category_of_products_near_in_meaning_beats_one_that_matches_by_chance() -> None:
    found = columns(["red", "blue", "wall"], text="nail paint", scores={"dense": [0.7, 0.7, 0.4]})
    assert found["category_meaning_minus_best"] == pytest.approx([0.0, 0.0, -0.3], abs=1e-6)


def test_relative_features_leave_unknown_values_out() -> None:
    values = np.array([1.0, np.nan, 3.0, 2.0], np.float32)
    np.testing.assert_allclose(minus_best(values), [-2, np.nan, 0, -1])
    np.testing.assert_allclose(height(values), [0, np.nan, 1, 0])
    np.testing.assert_allclose(mean_of_group(values, np.array([0, 0, 1, 1])), [1, 1, 2.5, 2.5])


def test_equal_values_have_a_height_of_zero() -> None:
    assert height(np.array([2.0, 2.0], np.float32)).tolist() == [0.0, 0.0]
