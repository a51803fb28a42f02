"""The rows of an evaluation's report."""

import numpy as np

from shelfwise_pipeline.evaluation.bootstrap import mean_interval
from shelfwise_pipeline.evaluation.rows import Row, rows_of

ONE = {"m": np.linspace(0.2, 0.8, 40)}
OTHER = {"m": np.where(np.arange(40) % 4, ONE["m"] - 0.1, np.nan)}


def test_intervals_draw_questions_of_one_shopper_together() -> None:
    askers = np.arange(40) // 8
    one, other = rows_of("task", ["m"], {"ours": ONE, "other": OTHER}, "ours", askers)
    applies = np.isfinite(OTHER["m"])
    own, own_other = mean_interval(ONE["m"], askers), mean_interval(OTHER["m"][applies], askers[applies])
    assert (one.low, one.high, one.n) == (own.low, own.high, 40)
    assert (other.low, other.high, other.n) == (own_other.low, own_other.high, 30)
    assert other.difference == mean_interval((ONE["m"] - OTHER["m"])[applies], askers[applies])


def test_without_our_own_system_no_row_has_a_difference() -> None:
    assert [row.difference for row in rows_of("task", ["m"], {"one": ONE, "other": OTHER}, "ours")] == [None, None]


def test_a_row_without_a_difference_is_written_without_one() -> None:
    row = Row("task", "ours", "m", 0.5, 0.4, 0.6, 40)
    assert "difference" not in row.as_json()
    assert Row.from_json(row.as_json()) == row
