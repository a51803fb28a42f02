"""NDCG."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from shelfwise_pipeline.evaluation.metrics import ndcg
from shelfwise_pipeline.examples.question import gains


def test_ndcg_is_that_of_scikit_learn() -> None:
    draw = np.random.default_rng(5)
    for _ in range(200):
        size = int(draw.integers(2, 60))
        grades = draw.integers(0, 4, size)
        grades[0] = 3
        scores = draw.permutation(size).astype(float)
        expected = ndcg_score([gains(grades)], [scores], k=10)
        assert ndcg(scores, grades) == pytest.approx(expected)


def test_ndcg_by_hand() -> None:
    assert ndcg([2, 1], [0, 3]) == pytest.approx(1 / np.log2(3))
    assert ndcg([2, 1], [3, 0]) == 1.0
    assert ndcg([2, 1], [0, 0]) == 0.0
    assert ndcg([], []) == 0.0


def test_what_the_candidates_lack_counts_in_the_ideal() -> None:
    assert ndcg([1.0], [3], best=(3, 3)) == pytest.approx(1 / (1 + 1 / np.log2(3)))
    assert ndcg([1.0], [0], best=(3,)) == 0.0


def test_equal_scores_stay_in_order() -> None:
    assert ndcg([1, 1], [3, 0]) == 1.0
    assert ndcg([1, 1], [0, 3]) < 1.0
