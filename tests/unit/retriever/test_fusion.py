"""The order of the union of all sources, and how its weights are fitted."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shelfwise_retriever.fusion import FILE, Fusion, read_fusion, relative
from shelfwise_retriever.fusion_fit import Example, fit_fusion


def column(*scores: float) -> NDArray[np.float32]:
    return np.array(scores, np.float32)


NAN = float("nan")


def test_relative_scores_are_shares_of_the_best_and_zero_where_missing() -> None:
    assert relative(column(2, NAN, 4)).tolist() == [0.5, 0, 1]


@pytest.mark.parametrize("scores", [column(NAN, NAN), column(-1, -2), column()])
def test_relative_scores_are_all_zero_without_a_positive_score(scores: NDArray[np.float32]) -> None:
    assert relative(scores).tolist() == [0] * len(scores)


def test_the_order_is_the_weighted_sum_of_relative_scores() -> None:
    fusion = Fusion(weights={"text": {"dense": 0.25, "lexical": 0.75}})
    order = fusion.order("text", {"dense": column(1, 0.5), "lexical": column(NAN, 8)})
    assert order.tolist() == [0.25, 0.875]


def test_a_question_kind_without_weights_has_the_default_ones() -> None:
    assert Fusion(weights={}).order("text", {"dense": column(2, 1)}).tolist() == pytest.approx([0.4, 0.2])


def test_fitting_finds_the_source_that_tells_good_from_bad() -> None:
    draw = np.random.default_rng(0)
    examples = []
    for _ in range(20):
        gains = (draw.random(30) < 0.2).astype(np.float32)
        scores = {"lexical": draw.random(30).astype(np.float32), "dense": (gains + draw.random(30)).astype(np.float32)}
        examples.append(Example(scores, gains))
    fitted = fit_fusion({"product": examples})
    assert fitted.weights["product"]["dense"] > 0.8
    assert fitted.weights["text"] == Fusion().weights["text"]
    assert fitted.measured["product"]["ndcg_at_10"] > 0.95


def test_sources_that_are_equally_good_get_even_weights() -> None:
    scores = column(3, 2, 1)
    fitted = fit_fusion({"text": [Example({"dense": scores, "lexical": scores}, column(1, 0, 0))]})
    assert fitted.weights["text"] == {"dense": 0.5, "lexical": 0.5}


def test_examples_without_a_good_candidate_leave_the_default_weights() -> None:
    assert fit_fusion({"text": [Example({"dense": column(1, 2)}, column(0, 0))]}) == Fusion()


def measured(*examples: Example) -> float:
    """The measured figure of examples that only one source orders, so that there are no weights to choose."""
    return float(fit_fusion({"text": examples}).measured["text"]["ndcg_at_10"])


def test_the_measured_figure_is_the_ndcg_of_the_fitted_order() -> None:
    gains = column(1, 0, 3)
    assert measured(Example({"dense": column(2, 1, 3)}, gains)) == 1
    worse = (1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3))
    assert measured(Example({"dense": column(3, 1, 2)}, gains)) == pytest.approx(worse, abs=1e-4)


def test_a_short_example_is_measured_the_same_beside_a_longer_one() -> None:
    short = Example({"dense": column(1, -0.5)}, column(0, 1))
    long = Example({"dense": column(*range(12, 0, -1))}, column(1, *[0] * 11))
    assert measured(short) == pytest.approx(1 / np.log2(3), abs=1e-4)
    assert measured(short, long) == pytest.approx((1 / np.log2(3) + 1) / 2, abs=1e-4)


def test_fusion_weights_are_read_from_their_file(tmp_path: Path) -> None:
    fusion = Fusion(weights={"text": {"dense": 1.0}}, measured={"text": {"examples": 3}})
    (tmp_path / FILE).write_text(fusion.model_dump_json())
    assert read_fusion(tmp_path) == fusion
