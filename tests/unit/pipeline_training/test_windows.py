"""When questions are asked, and how long answers are looked for."""

from datetime import UTC, datetime, timedelta

import pytest

from shelfwise_pipeline.examples.split import Split
from shelfwise_pipeline.examples.windows import LONGEST_S, Windows

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86_400.0


def split(train: float, validate: float, test: float) -> Split:
    first = START + timedelta(days=train)
    second = first + timedelta(days=validate)
    return Split(START, first, second, second + timedelta(days=test))


def test_training_windows_are_as_long_as_the_validation_window_and_end_before_it() -> None:
    windows = Windows.of(split(62, 30, 30), 3)
    begun = [(window.moment - START.timestamp()) / DAY for window in windows.train]
    assert begun == [0, 16, 32]
    assert all(window.until - window.moment == 30 * DAY for window in windows.train)
    assert windows.train[-1].until == windows.validate.moment
    assert windows.test is not None
    assert windows.validate.until == windows.test.moment


def test_a_short_training_period_still_has_several_windows() -> None:
    windows = Windows.of(split(30, 30, 0), 2)
    assert [(window.until - window.moment) / DAY for window in windows.train] == [15, 15]
    assert windows.train[0].moment < windows.train[1].moment
    assert windows.test is None, "nothing is left to judge by"
    (only,) = Windows.of(split(20, 30, 0), 1).train
    assert (only.moment, only.until) == split(20, 30, 0).train()


@pytest.mark.parametrize(("test", "days"), [(0, 15), (10, 5), (30, 15), (90, 15)])
def test_the_latest_window_is_half_as_long_and_ends_with_the_history(test: float, days: float) -> None:
    periods = split(60, 30, test)
    latest = Windows.of(periods, 2).latest
    assert latest.until == periods.end.timestamp()
    assert (latest.until - latest.moment) / DAY == days


def test_no_window_is_longer_than_a_month() -> None:
    windows = Windows.of(split(400, 200, 200), 2)
    assert all(window.until - window.moment <= LONGEST_S for window in (*windows.train, windows.validate))
