"""Rates of outcomes: their intervals hold what they say, also where shoppers see many answers and are not alike."""

import math
from typing import TypeVar

import numpy as np
import pytest

from shelfwise_pipeline.outcomes.counting import OUTCOMES, Arm, Moments
from shelfwise_pipeline.outcomes.rates import FEWEST_SHOPPERS, Estimate, difference, rate

T = TypeVar("T")


def arm(answers: np.ndarray, viewed: np.ndarray) -> Arm:
    """Of shoppers who saw so many answers each and looked at something in so many of them."""
    matrix = np.cov(np.vstack([viewed, answers]))
    moments = Moments(float(viewed.sum()), float(matrix[0, 0]), float(matrix[0, 1]))
    seen = Moments(float(answers.sum()), float(matrix[1, 1]), float(matrix[1, 1]))
    outcomes = dict.fromkeys(OUTCOMES, moments)
    return Arm("search", None, len(answers), seen, 0, outcomes, dict.fromkeys(OUTCOMES, int((viewed > 0).sum())))


def known(value: T | None) -> T:
    assert value is not None
    return value


def draw(random: np.random.Generator, shoppers: int) -> Arm:
    """Eager shoppers see more answers, and click more of them: on average 0.3 of all answers are clicked."""
    answers = 1 + random.poisson(random.exponential(4, shoppers))
    eagerness = random.beta(2, 8, shoppers) * np.where(answers > 4, 2, 1)
    return arm(answers, random.binomial(answers, np.minimum(eagerness, 1)))


def test_an_interval_of_95_percent_holds_the_truth_in_95_of_100() -> None:
    random = np.random.default_rng(7)
    large = known(rate(draw(random, 2_000_000), "viewed"))
    for shoppers, doubt in ((300, 0.02), (FEWEST_SHOPPERS, 0.03)):
        held = 0
        for _ in range(2_000):
            found = known(rate(draw(random, shoppers), "viewed"))
            held += abs(found.value - large.value) <= known(found.margin)
        assert held / 2_000 == pytest.approx(0.95, abs=doubt)


def test_it_is_wider_than_one_that_takes_answers_for_independent() -> None:
    drawn = draw(np.random.default_rng(3), 3_000)
    found = known(rate(drawn, "viewed"))
    naive = 1.96 * math.sqrt(found.value * (1 - found.value) / drawn.answers.total)
    assert known(found.margin) > 1.3 * naive


def test_two_arms_that_are_alike_differ_in_5_of_100_experiments() -> None:
    random, told_apart = np.random.default_rng(11), 0
    for _ in range(1_000):
        found = known(difference(draw(random, 200), draw(random, 200), "viewed"))
        told_apart += not known(found.low) <= 0 <= known(found.high)
    assert told_apart / 1_000 == pytest.approx(0.05, abs=0.02)


def test_too_little_has_a_rate_and_no_interval() -> None:
    answers = np.full(99, 2)
    assert rate(arm(answers, np.ones(99)), "viewed") == Estimate(0.5, None), "too few shoppers"
    answers, viewed = np.full(500, 2), np.zeros(500)
    viewed[:9] = 1
    few = known(rate(arm(answers, viewed), "viewed"))
    assert few.value == pytest.approx(0.009)
    assert (few.low, few.high) == (None, None), "too few with the outcome"
    enough = arm(np.full(500, 2), np.r_[np.ones(100), np.zeros(400)])
    apart = known(difference(enough, arm(answers, viewed), "viewed"))
    assert apart.value == pytest.approx(0.091)
    assert apart.margin is None, "no more is known of the difference than of the two"


def test_what_a_few_shoppers_do_again_and_again_is_too_little() -> None:
    answers, viewed = np.full(1_000, 3), np.zeros(1_000)
    answers[:4] = viewed[:4] = 300
    few = known(rate(arm(answers, viewed), "viewed"))
    assert few.value > 0.25
    assert few.margin is None, "1,200 outcomes are four draws"


def test_nothing_seen_has_no_rate() -> None:
    nothing = Moments(0, math.nan, math.nan)
    unseen = Arm("search", None, 0, nothing, 3, dict.fromkeys(OUTCOMES, nothing), dict.fromkeys(OUTCOMES, 0))
    assert rate(unseen, "viewed") is None
    assert difference(unseen, unseen, "viewed") is None


def test_shoppers_who_are_all_alike_leave_no_doubt() -> None:
    found = known(rate(arm(np.full(100, 3), np.full(100, 1.0)), "viewed"))
    assert found.margin == pytest.approx(0, abs=1e-6)
