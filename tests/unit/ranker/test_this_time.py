"""The time of day and the day of the week, as features of a candidate."""

import math

import numpy as np
import pytest

from shelfwise_ranker.history import history_of
from shelfwise_ranker.reasons.of_behavior import of_time
from shelfwise_ranker.tallies import DAY_S
from shelfwise_ranker.time_of_week import USUAL, near_in_day, same_weekday
from tests.unit.ranker.shelf import columns, history_of_shopper

HOUR = 1 / 24
NOON = DAY_S * 2000.5 + 60.0

LUNCHES_AND_ERRANDS = history_of_shopper(
    ("purchase", "milk", "ann", 1), ("purchase", "milk", "ann", 7), ("purchase", "milk", "ann", 10),
    ("purchase", "red", "ann", 2 + 12 * HOUR), ("purchase", "red", "ann", 7),
    ("view", "file", "ann", 7),
)  # fmt: skip
"""At the time of day of the request, milk three times and red once; red once more, half a day off."""


def asked(ids: list[str]) -> dict[str, list[float]]:
    return columns(ids, kind="user", history=LUNCHES_AND_ERRANDS)


@pytest.mark.parametrize(
    ("hours", "near"), [(24, 1.0), (22, math.exp(-0.5)), (26, math.exp(-0.5)), (20, math.exp(-2)), (12, math.exp(-18))]
)
def test_nearness_in_the_day_is_alike_on_both_sides_of_whole_days(hours: float, near: float) -> None:
    assert near_in_day(np.array([NOON - 3600.0 * hours]), NOON)[0] == pytest.approx(near)


@pytest.mark.parametrize(("days", "same"), [(7, True), (14.4, True), (13.6, True), (6.4, False), (10, False), (0.2, True)])
def test_the_same_weekday_is_within_half_a_day_of_whole_weeks(days: float, same: bool) -> None:
    assert same_weekday(np.array([NOON - DAY_S * days]), NOON)[0] == same


@pytest.mark.parametrize("asked_after_s", [0.0, 1.0, 9 * 3600.0, DAY_S - 1])
def test_a_date_without_a_time_gives_the_same_values_at_every_hour(asked_after_s: float) -> None:
    """A shop that imports dates without times trains its models on midnights, but is asked at any time of day."""
    dates, now = DAY_S * np.array([1000.0, 1007.0, 1008.0]), DAY_S * 1014.0 + asked_after_s
    assert near_in_day(dates, now) == pytest.approx([USUAL] * 3)
    assert same_weekday(dates, now).tolist() == [True, True, False]


def test_a_date_counts_as_much_as_a_time_of_day_does_on_average() -> None:
    times = DAY_S * 1000 + np.arange(1.0, DAY_S, 60.0)
    assert near_in_day(times, NOON).mean() == pytest.approx(USUAL, rel=1e-3)


def test_purchases_at_this_hour_and_on_this_weekday_are_counted_separately() -> None:
    found = asked(["milk", "red", "file"])
    assert found["own_this_hour"] == pytest.approx([3, 1, 0], abs=1e-3)
    assert found["own_this_weekday"] == [1, 1, 0]
    assert found["order_size_this_hour"] == pytest.approx([4 / 3] * 3, abs=1e-3)


def test_the_hour_ratio_is_above_one_for_products_bought_only_at_this_hour() -> None:
    milk, red, never = asked(["milk", "red", "file"])["own_this_hour_to_all"]
    assert milk == pytest.approx((3.3 / 4) / (3.3 / 5), abs=1e-3)
    assert red == pytest.approx((1.3 / 4) / (2.3 / 5), abs=1e-3)
    assert milk > 1 > red
    assert math.isnan(never)


def test_without_orders_at_this_hour_its_order_size_is_nan_but_its_ratio_is_not() -> None:
    history = history_of_shopper(*[("purchase", "milk", "ann", days + 0.5) for days in (1, 2, 3)])
    found = columns(["milk"], kind="user", history=history)
    assert found["own_this_hour_to_all"][0] == pytest.approx((0.3 / 1) / (3.3 / 4), abs=1e-3)
    assert math.isnan(found["order_size_this_hour"][0])


def test_shifting_all_times_alike_does_not_change_a_history() -> None:
    """A shop may record its times in any time zone."""
    products, kinds, times = ["milk", "red", "milk"], np.full(3, 3, np.int8), np.array([1.0, 30_000.0, 80_000.0])
    shift = 5.5 * 3600
    assert history_of(products, kinds, times, 200_000.0) == history_of(products, kinds, times + shift, 200_000.0 + shift)


def test_the_time_reason_names_the_hour_or_weekday_and_needs_a_habit() -> None:
    found = columns(["milk"], kind="user", history=LUNCHES_AND_ERRANDS)
    values = {name: column[0] for name, column in found.items()}
    assert values["own_this_hour_to_all"] > values["own_this_weekday_to_all"]
    assert str(of_time(values)) == "you buy it at this time of day"
    assert str(of_time(values | {"own_this_weekday_to_all": 3.0})) == "you buy it on this day of the week"
    assert of_time(values | {"own_this_hour_to_all": 1.0, "own_this_weekday_to_all": 1.0}) is None
    assert of_time(values | {"own_purchases": 1.0}) is None
    assert str(of_time(values | {"own_purchases": 0.0, "hour_lift": 0.5})) == "bought more than usual at this time of day"
