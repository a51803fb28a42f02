"""NDCG."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from shelfwise_pipeline.evaluation.metrics import ndcg
from shelfwise_pipeline.examples.question import gains


def test_ndcg_equals_that_of_scikit_learn() -> None:
    draw = np.random.default_rng(5)
    for _ in range(200):
        size = int(draw.integers(2, 60))
        grades = draw.integers(0, 4, size)
        grades[0] = 3
        scores = draw.permutation(size).astype(float)
        expected = ndcg_score([gains(grades)], [scores], k=10)
        assert ndcg(scores, grades) == pytest.approx(expected)


def test_ndcg_of_small_lists_equals_values_computed_by_hand() -> None:
    assert ndcg([2, 1], [0, 3]) == pytest.approx(1 / np.log2(3))
    assert ndcg([2, 1], [3, 0]) == 1.0
    assert ndcg([2, 1], [0, 0]) == 0.0
    assert ndcg([], []) == 0.0


def test_relevant_products_missing_from_the_candidates_count_in_the_ideal() -> None:
    assert ndcg([1.0], [3], best=(3, 3)) == pytest.approx(1 / (1 + 1 / np.log2(3)))
    assert ndcg([1.0], [0], best=(3,)) == 0.0


def test_equal_scores_keep_the_given_order() -> None:
    assert ndcg([1, 1], [3, 0]) == 1.0
    assert ndcg([1, 1], [0, 3]) < 1.0


def test_ndcg_equals_that_of_ir_measures() -> None:
    ir_measures = pytest.importorskip("ir_measures")
    draw = np.random.default_rng(11)
    judged: dict[str, dict[str, int]] = {}
    shown: dict[str, dict[str, float]] = {}
    ours: dict[str, float] = {}
    for number in range(300):
        size, query = int(draw.integers(1, 40)), str(number)
        # Many equal grades; a fifth of the lists has nothing relevant; some grades belong to no candidate.
        grades = draw.choice([0, 0, 0, 1, 2, 2, 3], size) * (number % 5 > 0)
        missing = draw.choice([0, 1, 3], int(draw.integers(0, 4))) if number % 2 else np.empty(0, np.int64)
        best = np.concatenate([grades, missing])
        judged[query] = {f"p{place}": int(gain) for place, gain in enumerate(gains(best))}
        order = draw.permutation(size)
        shown[query] = {f"p{place}": float(score) for place, score in enumerate(order)}
        ours[query] = ndcg(order, grades, best=best.tolist())
    found = {one.query_id: one.value for one in ir_measures.iter_calc([ir_measures.nDCG @ 10], judged, shown)}
    assert found.keys() == ours.keys()
    assert ours == pytest.approx(found)
    nothing = [query for query, worth in judged.items() if not any(worth.values())]
    assert len(nothing) > 30
    assert all(ours[query] == found[query] == 0.0 for query in nothing)
    assert sum(len(one) < 10 for one in shown.values()) > 30
