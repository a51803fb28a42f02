"""Which time teaches, chooses, judges."""

from datetime import UTC, datetime, timedelta

import polars as pl

from shelfwise_pipeline.examples.split import split_times

START = datetime(2026, 1, 1, tzinfo=UTC)


def purchases(count: int, days: float, kind: str = "purchase") -> pl.DataFrame:
    moments = [START + timedelta(days=days * place / (count - 1)) for place in range(count)]
    return pl.DataFrame({"type": [kind] * count, "timestamp": moments})


def test_a_year_gives_months_that_begin_at_midnight() -> None:
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


def test_too_little_is_none() -> None:
    assert split_times(purchases(100, 200)) is None
    assert split_times(purchases(5_000, 3)) is None
    assert split_times(purchases(5_000, 300, "view")) is None
    assert split_times(purchases(2, 1).clear()) is None


def test_the_order_of_the_events_does_not_matter() -> None:
    events = purchases(3_000, 200)
    assert split_times(events) == split_times(events.reverse())
