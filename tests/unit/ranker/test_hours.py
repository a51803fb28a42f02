"""At which hours and on which days products are bought."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from shelfwise_ranker import hours
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.habits import HabitStats
from tests.unit.ranker.shelf import EVENT_SCHEMA, columns, shelf

MONDAY_NOON = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)


def log(*bought: tuple[str, datetime, int]) -> EventLog:
    """Purchases from (product, when, how many days in a row)."""
    content = [
        ("purchase", product, f"{product}{day}", None, when + timedelta(days=day))
        for product, when, days in bought
        for day in range(days)
    ]
    return EventLog.of(shelf(), pl.DataFrame(content, schema=EVENT_SCHEMA, orient="row").sort("timestamp"))


def lift(product: str, when: datetime, *bought: tuple[str, datetime, int]) -> tuple[float, float]:
    """The product's lifts of the hour and of the day of the week."""
    hour, weekday = hours.columns_at(when.timestamp())
    row = hours.lifts(len(shelf()), log(*bought))[shelf().row_of[product]]
    return float(row[hour]), float(row[weekday])


def test_the_columns_of_a_moment_are_its_hour_and_its_weekday() -> None:
    assert [hours.COLUMNS[place] for place in hours.columns_at(MONDAY_NOON.timestamp())] == ["hour_12", "weekday_0"]
    sunday = datetime(2026, 6, 7, 23, 59, 59, tzinfo=UTC)
    assert [hours.COLUMNS[place] for place in hours.columns_at(sunday.timestamp())] == ["hour_23", "weekday_6"]


def test_a_product_bought_at_noon_has_a_lift_at_noon_and_an_hour_later() -> None:
    bought = (("red", MONDAY_NOON, 70), ("milk", MONDAY_NOON - timedelta(hours=6), 70))
    assert lift("red", MONDAY_NOON, *bought)[0] > 0.3
    assert lift("red", MONDAY_NOON + timedelta(hours=1), *bought)[0] > 0.3
    assert lift("milk", MONDAY_NOON, *bought)[0] < -0.3
    assert lift("red", MONDAY_NOON, *bought)[1] == pytest.approx(0.0, abs=0.01), "every day alike"
    assert lift("red", MONDAY_NOON + timedelta(hours=6), *bought)[0] == 0, "a time when nobody ever buys"


def test_the_hours_before_and_after_midnight_are_adjacent() -> None:
    late = MONDAY_NOON.replace(hour=23)
    bought = (("red", late, 70), ("milk", MONDAY_NOON, 70))
    assert lift("red", late + timedelta(hours=1), *bought)[0] > 0.3


def test_few_purchases_give_a_small_lift_and_none_give_no_lift() -> None:
    bought = (("milk", MONDAY_NOON.replace(hour=3), 300), ("red", MONDAY_NOON, 300), ("file", MONDAY_NOON, 1))
    many, few, none = (lift(product, MONDAY_NOON, *bought)[0] for product in ("red", "file", "wall"))
    assert many > few > 0
    assert none == 0


def test_purchases_with_a_date_only_lift_the_weekday_but_no_hour() -> None:
    monday = MONDAY_NOON.replace(hour=0, minute=0)
    weekly = [("red", monday + timedelta(weeks=week), 1) for week in range(50)]
    bought = (*weekly, ("milk", monday, 350))
    assert lift("red", monday, *bought)[0] == 0
    assert lift("red", monday, *bought)[1] > 0.3


def test_the_lift_is_the_log_ratio_of_own_to_usual_share_with_a_prior() -> None:
    bought = (("red", MONDAY_NOON, 70), ("milk", MONDAY_NOON - timedelta(hours=6), 30))
    usual = 70 / 100 / 3  # each purchase counts in three hours
    own = (70 + hours.PRIOR_PURCHASES * usual) / (210 + hours.PRIOR_PURCHASES)
    assert lift("red", MONDAY_NOON, *bought)[0] == pytest.approx(math.log(own / usual), abs=1e-3)


def test_empty_habits_have_no_lifts_and_nan_for_the_unknown_product() -> None:
    nothing = HabitStats.empty(shelf()).hours
    assert not nothing[:-1].any()
    assert np.isnan(nothing[-1].astype(float)).all(), "the product that nobody knows"


def test_the_hour_lift_feature_is_that_of_the_time_of_the_request() -> None:
    bought = [("purchase", "red", f"u{days}", float(days)) for days in range(1, 60)]
    bought += [("purchase", "milk", f"u{days}", days + 0.5) for days in range(1, 60)]
    found = columns(["red", "milk", "no such"], kind="user", bought=bought)["hour_lift"]
    assert found[0] > 0.1 > -0.1 > found[1]
    assert math.isnan(found[2])
