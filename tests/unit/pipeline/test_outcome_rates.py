"""Rates of outcomes: their intervals hold what they say, also where shoppers see many answers and are not alike."""

import math
from typing import TypeVar

import numpy as np
import pytest

from shelfwise_pipeline.outcomes.counting import OUTCOMES, Arm, Counted
from shelfwise_pipeline.outcomes.rates import FEWEST_SHOPPERS, Estimate, difference, rate

T = TypeVar("T")


def arm(answers: np.ndarray, outcome: np.ndarray) -> Arm:
    """Of shoppers who saw so many answers each and had so much of the outcome."""
    change = (outcome - answers * (outcome.sum() / answers.sum())) / (1 - answers / answers.sum())
    effective = float((change**2).sum() ** 2 / (change**4).sum()) if change.any() else math.nan
    counted = Counted(float(outcome.sum()), int((outcome > 0).sum()), float((change**2).sum()), effective)
    return Arm("search", None, len(answers), int(answers.sum()), int(answers.max()), 0, dict.fromkeys(OUTCOMES, counted))


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
            held += known(found.low) <= large.value <= known(found.high)
        assert held / 2_000 == pytest.approx(0.95, abs=doubt)


def test_it_is_wider_than_one_that_takes_answers_for_independent() -> None:
    drawn = draw(np.random.default_rng(3), 3_000)
    found = known(rate(drawn, "viewed"))
    naive = 1.96 * math.sqrt(found.value * (1 - found.value) / drawn.answers)
    assert known(found.high) - known(found.low) > 2 * 1.3 * naive


def test_two_arms_that_are_alike_differ_in_at_most_5_of_100_experiments() -> None:
    random, told_apart = np.random.default_rng(11), 0
    for _ in range(1_000):
        found = known(difference(draw(random, 200), draw(random, 200), "viewed"))
        told_apart += not known(found.low) <= 0 <= known(found.high)
    assert 0.02 < told_apart / 1_000 < 0.05


def draw_heavy(random: np.random.Generator, shoppers: int) -> Arm:
    """A few shoppers see most answers: their numbers have a Pareto distribution. 0.1 of all answers are clicked."""
    answers = np.minimum(random.pareto(1.1, shoppers) + 1, 100_000).astype(np.int64)
    return arm(answers, random.binomial(answers, random.beta(0.3, 2.7, shoppers)))


@pytest.mark.parametrize("shoppers", [300, 1_000])
def test_a_few_heavy_shoppers_do_not_make_it_too_narrow(shoppers: int) -> None:
    random = np.random.default_rng(shoppers)
    held: list[bool] = []
    told_apart: list[bool] = []
    while len(held) < 800:
        one, other = draw_heavy(random, shoppers), draw_heavy(random, shoppers)
        found, apart = known(rate(one, "viewed")), known(difference(one, other, "viewed"))
        if apart.low is not None and apart.high is not None:
            held.append(known(found.low) <= 0.1 <= known(found.high))
            told_apart.append(not apart.low <= 0 <= apart.high)
    assert np.mean(held) > 0.94
    assert np.mean(told_apart) < 0.05


def test_a_few_large_orders_widen_the_interval_of_the_value_upwards() -> None:
    random, held = np.random.default_rng(8), 0
    for _ in range(1_000):
        answers = 1 + random.poisson(4, 1_000)
        paid = np.where(random.random(1_000) < 0.2, random.lognormal(0, 2, 1_000), 0) * answers
        found = known(rate(arm(answers, paid), "value"))
        held += known(found.low) <= 0.2 * math.exp(2) <= known(found.high)
        assert known(found.high) - found.value > found.value - known(found.low) > 0
    assert held / 1_000 > 0.88, "an order so large that few samples have one is in no interval; the delta method's held 0.74"


def test_the_two_heaviest_shoppers_do_not_tell_two_arms_apart() -> None:
    answers, few = np.r_[3_000, np.full(999, 4)], np.r_[np.ones(400), np.zeros(599)]
    found = known(difference(arm(answers, np.r_[600, few]), arm(answers, np.r_[0, few]), "viewed"))
    assert found.value > 0.08
    assert known(found.low) < 0 < known(found.high), "two shoppers differ, not two scenarios"


def test_a_shopper_who_saw_more_than_half_leaves_no_interval() -> None:
    viewed = np.r_[10, np.ones(500), np.zeros(499)]
    assert known(rate(arm(np.r_[999, np.ones(999)], viewed), "viewed")).low is not None
    assert known(rate(arm(np.r_[1_000, np.ones(999)], viewed), "viewed")).low is None


def test_the_interval_of_a_share_is_one_of_shares() -> None:
    answers = np.full(100, 1)
    for clicks in (10, 90, 99):
        found = known(rate(arm(answers, np.r_[np.ones(clicks), np.zeros(100 - clicks)]), "viewed"))
        assert 0 < known(found.low) < clicks / 100 < known(found.high) < 1


def test_too_little_has_a_rate_and_no_interval() -> None:
    answers = np.full(99, 2)
    assert rate(arm(answers, np.ones(99)), "viewed") == Estimate(0.5), "too few shoppers"
    answers, viewed = np.full(500, 2), np.zeros(500)
    viewed[:9] = 1
    few = known(rate(arm(answers, viewed), "viewed"))
    assert few.value == pytest.approx(0.009)
    assert (few.low, few.high) == (None, None), "too few with the outcome"
    enough = arm(np.full(500, 2), np.r_[np.ones(100), np.zeros(400)])
    apart = known(difference(enough, arm(answers, viewed), "viewed"))
    assert apart.value == pytest.approx(0.091)
    assert (apart.low, apart.high) == (None, None), "no more is known of the difference than of the two"


def test_what_a_few_shoppers_do_again_and_again_is_too_little() -> None:
    answers, viewed = np.full(1_000, 3), np.zeros(1_000)
    answers[:4] = viewed[:4] = 300
    few = known(rate(arm(answers, viewed), "viewed"))
    assert few.value > 0.25
    assert (few.low, few.high) == (None, None), "1,200 outcomes are four draws"


def test_nothing_seen_has_no_rate() -> None:
    nothing = Counted(0, 0, math.nan, math.nan)
    unseen = Arm("search", None, 0, 0, 0, 3, dict.fromkeys(OUTCOMES, nothing))
    assert rate(unseen, "viewed") is None
    assert difference(unseen, unseen, "viewed") is None


def test_shoppers_who_are_all_alike_leave_no_doubt() -> None:
    found = known(rate(arm(np.full(100, 3), np.full(100, 1.0)), "viewed"))
    assert [found.low, found.high] == pytest.approx([1 / 3, 1 / 3])


def test_an_arm_without_seen_answers_has_no_rate_and_no_difference() -> None:
    unseen, seen = Arm("search", None, 0, 0, 0, 3, {}), arm(np.full(100, 1), np.ones(100))
    assert rate(unseen, "viewed") is None
    assert difference(unseen, seen, "viewed") is None
    assert difference(seen, unseen, "viewed") is None
