"""How products are bought over their whole life."""

import math
from pathlib import Path

import numpy as np
import pytest

from shelfwise.errors import BundleDamaged
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.habits import PRIOR_BUYERS, HabitStats
from tests.unit.ranker.shelf import PRODUCTS, columns, habits, history_of_shopper, shelf

BOUGHT = (
    ("purchase", "red", "ann", 40.0), ("purchase", "red", "ann", 20.0), ("purchase", "red", "ann", 20.0),
    ("purchase", "red", "bob", 3.0), ("purchase", "milk", "bob", 3.0), ("view", "file", "bob", 8.0),
)  # fmt: skip


def found() -> dict[str, list[float]]:
    return columns(["red", "milk", "file"], kind="user", history=history_of_shopper(), bought=BOUGHT)


def test_buyers_and_purchases_are_counted_and_the_repeat_rate_has_a_prior() -> None:
    assert found()["buyers"] == pytest.approx(np.log1p([2, 1, 0]))
    usual = 1 / 3
    assert found()["repeat_rate"] == pytest.approx(
        [(1 + PRIOR_BUYERS * usual) / (2 + PRIOR_BUYERS), PRIOR_BUYERS * usual / (1 + PRIOR_BUYERS), usual]
    )
    assert found()["purchases_per_buyer_ever"][0] == pytest.approx(math.log(3 / 2)), "two lines of one order are one purchase"


def test_the_repeat_interval_is_known_only_for_products_bought_again() -> None:
    assert found()["repeat_interval"][0] == pytest.approx(math.log1p(20))
    assert math.isnan(found()["repeat_interval"][1])


def test_days_on_sale_trend_and_order_size_come_from_the_events() -> None:
    # "red" was created ten days ago by its created_at, but has older events.
    assert found()["days_on_sale"] == pytest.approx(np.log1p([40, 3, 8]))
    assert found()["purchases_14d"] == pytest.approx(np.log1p([1, 1, 0]))
    assert found()["trend_14d_90d"][1] > 0 > found()["trend_14d_90d"][2] - 1
    assert found()["order_size"][1] == pytest.approx(math.log(2))
    assert math.isnan(found()["order_size"][2])


def test_events_at_or_after_the_moment_do_not_count() -> None:
    future = [("purchase", "milk", "eve", 0.0), ("purchase", "red", "eve", -1.0)]
    known, with_future = habits(shelf(), *BOUGHT), habits(shelf(), *BOUGHT, *future)
    np.testing.assert_array_equal(known.values, with_future.values)
    np.testing.assert_array_equal(known.hours, with_future.hours)


def test_saved_and_loaded_habits_are_equal_and_another_catalogs_are_refused(tmp_path: Path) -> None:
    table = shelf()
    stats = habits(table, *BOUGHT)
    stats.save(tmp_path, table)
    loaded = HabitStats.load(tmp_path, table)
    np.testing.assert_array_equal(loaded.values, stats.values)
    np.testing.assert_array_equal(loaded.hours, stats.hours)
    assert loaded.values.dtype == np.float32
    assert loaded.hours.dtype == np.float16
    assert loaded.values.flags.c_contiguous
    assert loaded.hours.flags.c_contiguous
    with pytest.raises(BundleDamaged, match="build the bundle again"):
        HabitStats.load(tmp_path, build_table(PRODUCTS.reverse()))
