"""Bootstrap intervals of a mean."""

import numpy as np
import pytest

from shelfwise_pipeline.evaluation.bootstrap import mean_interval


def test_the_interval_reaches_about_two_standard_errors_to_either_side() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.2, size=400)
    found = mean_interval(values)
    error = values.std() / np.sqrt(len(values))
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    draw = np.random.default_rng(2)
    inside = 0
    for _ in range(200):
        found = mean_interval(draw.exponential(1.0, size=80), rounds=300)
        inside += found.low <= 1.0 <= found.high
    assert 0.86 <= inside / 200 <= 0.99


def test_questions_of_one_shopper_are_drawn_together() -> None:
    draw = np.random.default_rng(3)
    of_shopper = draw.normal(0.5, 0.2, size=200)
    twice, askers = np.repeat(of_shopper, 2), np.repeat(np.arange(200), 2)
    found, over_questions = mean_interval(twice, askers), mean_interval(twice)
    assert found == mean_interval(of_shopper), "asked twice the same, nothing more is known"
    assert found.high - found.low == pytest.approx(np.sqrt(2) * (over_questions.high - over_questions.low), rel=0.1)
    order = draw.permutation(400)
    shuffled = mean_interval(twice[order], askers[order])
    assert (shuffled.low, shuffled.high) == pytest.approx((found.low, found.high))


def test_questions_of_a_single_till_are_drawn_one_by_one() -> None:
    values = np.random.default_rng(4).random(400)
    assert mean_interval(values, np.full(400, 17)) == mean_interval(values)


def test_the_same_figures_give_the_same_interval() -> None:
    values = np.linspace(0, 1, 50)
    assert mean_interval(values) == mean_interval(values.copy())


def test_the_interval_of_a_single_figure_has_no_width() -> None:
    found = mean_interval(np.array([0.7]))
    assert (found.low, found.value, found.high) == (0.7, 0.7, 0.7)


@pytest.mark.parametrize("values", [[], [0.1, float("nan")]], ids=["none", "nan"])
def test_figures_without_a_mean_raise_value_error(values: list[float]) -> None:
    with pytest.raises(ValueError, match="expected at least one figure"):
        mean_interval(np.array(values))
