"""Behavior statistics as of a moment, and the features computed from them."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise.errors import BundleDamaged
from shelfwise_ranker.behavior import COLUMNS, BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import EventLog
from tests.unit.ranker.shelf import NOW, PRODUCTS, behavior, columns, events, shelf

BOUGHT = (
    ("purchase", "red", "ann", 1),
    ("purchase", "red", "ann", 20),
    ("purchase", "red", "bob", 60),
    ("purchase", "blue", "bob", 3),
    ("view", "file", "ann", 2),
    ("add_to_cart", "file", "ann", 2),
)


def test_behavior_features_count_events_buyers_and_days_since_purchase() -> None:
    found = columns(["red", "blue", "file", "milk"], text="nail", bought=BOUGHT)
    assert found["purchases_7d"] == pytest.approx(np.log1p([1, 1, 0, 0]))
    assert found["purchases_30d"] == pytest.approx(np.log1p([2, 1, 0, 0]))
    assert found["purchases_90d"] == pytest.approx(np.log1p([3, 1, 0, 0]))
    assert found["buyers_90d"] == pytest.approx(np.log1p([2, 1, 0, 0]))
    assert found["purchases_per_buyer"][0] == pytest.approx(math.log(3 / 2))
    assert found["views_30d"][2] == pytest.approx(math.log1p(1))
    assert found["carts_30d"][2] == pytest.approx(math.log1p(1))
    assert found["days_since_purchase"][:2] == pytest.approx(np.log1p([1, 3]))
    assert math.isnan(found["days_since_purchase"][3])
    assert found["share_of_category"] == pytest.approx([3 / 4, 1 / 4, 0, 0])
    assert found["category_purchases_90d"] == pytest.approx(np.log1p([4, 4, 4, 0]))


def test_a_purchase_counts_half_after_thirty_days() -> None:
    found = columns(["red", "file"], text="nail", bought=[("purchase", "red", "ann", 30), ("purchase", "file", "ann", 60)])
    assert found["decayed"] == pytest.approx(np.log1p([0.5, 1 / 4]))


def test_purchases_count_every_time_but_views_once_a_day_per_shopper() -> None:
    by_robot = [("view", "red", "robot", ago) for ago in (0.1, 0.2, 1.2)]
    by_ann = [("view", "red", "ann", 0.1), *[("purchase", "red", "ann", 0.1)] * 2]
    found = columns(["red", "file"], text="nail", bought=[*by_robot, *by_ann])
    since_midnight = 12.5 / 24
    today, yesterday, bought = (2 ** (-days / 30) for days in (since_midnight, since_midnight + 1, 0.1))
    assert found["decayed"] == pytest.approx(np.log1p([0.2 * today + 0.1 * yesterday + 2 * bought, 0]))


def test_trend_is_positive_when_purchases_rise_and_negative_when_they_fall() -> None:
    rising = [("purchase", "red", f"u{day}", day / 2) for day in range(1, 13)]
    falling = [("purchase", "blue", f"u{day}", 10 + day) for day in range(1, 13)]
    found = columns(["red", "blue", "milk"], text="nail", bought=[*rising, *falling])
    assert found["trend_7d_30d"][0] > 0 > found["trend_7d_30d"][1]
    assert found["trend_7d_30d"][2] == pytest.approx(0.0)


def test_popularity_features_compare_a_product_with_the_other_candidates() -> None:
    bought = [*(("purchase", "red", name, 0.001) for name in "abc"), ("purchase", "blue", "b", 0.001)]
    found = columns(["red", "blue", "milk"], text="nail", bought=bought)
    assert found["decayed_share_of_max"] == pytest.approx([1.0, 1 / 3, 0.0], abs=1e-3)
    assert found["decayed_share_of_candidates"] == pytest.approx([3 / 4, 1 / 4, 0.0], abs=1e-3)
    assert found["category_share_of_purchases"] == pytest.approx([1.0, 1.0, 0.0], abs=1e-3)
    assert sum(found["purchases_30d_minus_mean"]) == pytest.approx(0.0, abs=1e-6)


def test_without_events_all_behavior_features_are_zero_or_nan() -> None:
    found = columns(["red", "blue"], text="nail")
    for name in COLUMNS:
        assert all(value == 0.0 or math.isnan(value) for value in found[name])


def test_behavior_features_of_an_unknown_product_are_nan() -> None:
    found = columns(["red", "new"], text="nail", bought=BOUGHT)
    assert all(math.isnan(found[name][1]) for name in (*COLUMNS, "decayed_minus_mean", "category_share_of_purchases"))


def test_events_at_or_after_the_moment_do_not_count() -> None:
    table = shelf()
    past = behavior(table, *BOUGHT)
    future = [("purchase", "milk", "eve", 0.0), ("purchase", "red", "eve", -1.0), ("view", "wall", "eve", -30.0)]
    with_future = behavior(table, *BOUGHT, *future)
    np.testing.assert_array_equal(past.values, with_future.values)


def test_the_order_of_the_events_does_not_matter() -> None:
    table = shelf()
    np.testing.assert_array_equal(behavior(table, *BOUGHT).values, behavior(table, *reversed(BOUGHT)).values)


def test_events_of_products_no_longer_in_the_catalog_are_left_out() -> None:
    log = EventLog.of(shelf(), events(("purchase", "gone", "ann", 1), ("purchase", "red", "ann", 1)))
    assert len(log) == 1


def test_the_session_identifies_the_shopper_of_an_event_without_a_user() -> None:
    frame = events(*[("purchase", "red", "ann", 1.0)] * 3).with_columns(
        user_id=pl.Series(["ann", None, None], dtype=pl.String), session_id=pl.Series(["s1", "s2", "s2"])
    )
    assert len(set(EventLog.of(shelf(), frame).users.tolist())) == 2


def test_saved_and_loaded_statistics_are_equal(tmp_path: Path) -> None:
    table = shelf()
    stats = behavior(table, *BOUGHT)
    stats.save(tmp_path, table)
    loaded = BehaviorStats.load(tmp_path, table)
    np.testing.assert_array_equal(loaded.values, stats.values)
    assert loaded.values.flags.c_contiguous  # because a request reads all columns of a product
    assert loaded.as_of == NOW.timestamp()


def test_statistics_of_another_catalog_raise_bundle_damaged(tmp_path: Path) -> None:
    table = shelf()
    behavior(table, *BOUGHT).save(tmp_path, table)
    with pytest.raises(BundleDamaged, match="build the bundle again"):
        BehaviorStats.load(tmp_path, build_table(PRODUCTS.reverse()))
