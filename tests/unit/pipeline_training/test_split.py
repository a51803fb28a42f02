"""Which parts of the history are for training, validation and test."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from shelfwise_pipeline.examples.split import MIN_PURCHASES, split_times, why_unlearned

START = datetime(2026, 1, 1, tzinfo=UTC)


def purchases(count: int, days: float, kind: str = "purchase") -> pl.DataFrame:
    moments = [START + timedelta(days=days * place / (count - 1)) for place in range(count)]
    return pl.DataFrame({"type": [kind] * count, "timestamp": moments})


def test_a_year_is_split_at_midnights_and_has_windows_of_a_week() -> None:
    split = split_times(purchases(20_000, 364.9))
    assert split is not None
    assert START + timedelta(days=210) < split.train_from < START + timedelta(days=213)
    assert START < split.train_from < split.validate_from < split.test_from < split.end
    assert split.train_from.time() == split.test_from.time() == datetime.min.time()
    assert split.window_s == 7 * 86_400
    assert split.train()[1] == split.validate()[0]
    assert split.validate()[1] == split.test()[0]


def test_the_end_is_after_the_last_purchase() -> None:
    events = purchases(2_000, 100)
    split = split_times(events)
    assert split is not None
    assert (events["timestamp"] < split.end).all()


def test_a_short_history_has_short_windows() -> None:
    split = split_times(purchases(2_000, 20))
    assert split is not None
    assert split.window_s < 86_400 * 2
    assert split.train_from.time() != datetime.min.time(), "half a day is a large part of its periods"


def with_sale(days: int, from_hour: int, count: int) -> pl.DataFrame:
    """30 purchases a day, then `count` on the evening of one more."""
    last = START + timedelta(days=days, hours=from_hour)
    sale = [last + timedelta(hours=24 - from_hour) * place / count for place in range(count)]
    return pl.concat([purchases(30 * days, days), pl.DataFrame({"type": "purchase", "timestamp": sale})])


@pytest.mark.parametrize(("days", "from_hour", "count"), [(65, 8, 300), (65, 8, 450), (364, 13, 1_500), (364, 13, 2_500)])
def test_a_large_sale_at_the_end_leaves_enough_purchases_in_every_period(days: int, from_hour: int, count: int) -> None:
    events = with_sale(days, from_hour, count)
    split = split_times(events)
    assert split is not None
    assert split.judges
    for period, share in ((split.train, 0.255), (split.validate, 0.083), (split.test, 0.082)):
        start, end = (datetime.fromtimestamp(moment, UTC) for moment in period())
        assert (events["timestamp"].is_between(start, end, closed="left")).sum() > share * events.height / 2 - 2


def test_too_few_purchases_or_days_give_no_split() -> None:
    assert split_times(purchases(100, 200)) is None
    assert split_times(purchases(5_000, 3)) is None
    assert split_times(purchases(5_000, 300, "view")) is None
    assert split_times(purchases(2, 1).clear()) is None
    assert split_times(purchases(MIN_PURCHASES, 14)) is not None
    assert split_times(purchases(MIN_PURCHASES - 1, 14)) is None
    assert split_times(purchases(MIN_PURCHASES, 13.9)) is None
    assert "found 100 over 200 days" in why_unlearned(purchases(100, 200))
    assert "found 0 over 0 days" in why_unlearned(purchases(5_000, 300, "view"))


def test_the_order_of_the_events_does_not_matter() -> None:
    events = purchases(3_000, 200)
    assert split_times(events) == split_times(events.reverse())
