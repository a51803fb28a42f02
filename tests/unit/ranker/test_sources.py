"""Features of the scores that the sources gave."""

import math

import pytest

from shelfwise_ranker.features.request import ScoreColumns
from tests.unit.ranker.shelf import columns

SCORES: ScoreColumns = {"dense": [0.6, 0.9, 0.3], "lexical": [4.0, None, 1.0]}


def test_source_scores_are_compared_with_those_of_the_other_candidates() -> None:
    found = columns(["red", "blue", "file"], text="nail", scores=SCORES)
    assert found["dense_score"] == pytest.approx([0.6, 0.9, 0.3])
    assert found["dense_minus_mean"] == pytest.approx([0.0, 0.3, -0.3], abs=1e-6)
    assert found["dense_share_of_max"] == pytest.approx([2 / 3, 1.0, 1 / 3])
    assert found["dense_reciprocal_rank"] == pytest.approx([1 / 2, 1.0, 1 / 3])
    assert found["dense_found"] == [1.0, 1.0, 1.0]


def test_a_candidate_that_a_source_did_not_find_is_nan_and_does_not_count() -> None:
    found = columns(["red", "blue", "file"], text="nail", scores=SCORES)
    assert found["lexical_minus_mean"][0] == pytest.approx(1.5)
    assert found["lexical_share_of_max"][2] == pytest.approx(0.25)
    assert found["lexical_reciprocal_rank"][2] == pytest.approx(0.5)
    assert found["lexical_found"] == [1.0, 0.0, 1.0]
    for view in ("score", "minus_mean", "share_of_max", "reciprocal_rank"):
        assert math.isnan(found[f"lexical_{view}"][1])


def test_features_of_a_missing_source_are_nan() -> None:
    found = columns(["red", "blue"], text="nail", scores={"lexical": [2.0, 1.0]})
    assert all(math.isnan(value) for view in ("score", "minus_mean", "share_of_max") for value in found[f"dense_{view}"])
    assert found["dense_found"] == [0.0, 0.0]


def test_equal_scores_are_ranked_in_the_order_of_the_candidates() -> None:
    found = columns(["file", "red"], text="nail", scores={"dense": [0.5, 0.5]})
    assert found["dense_reciprocal_rank"] == [1.0, 0.5]


def test_a_source_that_the_models_do_not_know_changes_no_feature() -> None:
    known = columns(["red"], text="nail", scores={"dense": [0.5]})
    more = columns(["red"], text="nail", scores={"dense": [0.5], "trending": [9.0]})
    assert str(known) == str(more)
