"""The demo shop's year, moved so that it ended just now.

A shop that sold nothing for years has no popular products, no trends, and shoppers who have long forgotten what they
bought: the first event of today would make all its history worthless.
"""

from datetime import datetime, timedelta

import polars as pl

WEEK = timedelta(days=7)


def weeks_until(events: pl.DataFrame, now: datetime) -> timedelta:
    """By how much the events are to be moved so that the last one happened within the week before `now`.

    Whole weeks: what is bought on a Saturday stays bought on a Saturday.
    """
    last = events["timestamp"].max()
    if not isinstance(last, datetime):
        return timedelta(0)
    return max(timedelta(0), (now - last) // WEEK * WEEK)


def moved(frame: pl.DataFrame, column: str, by: timedelta) -> pl.DataFrame:
    """The frame with one column of times moved."""
    return frame.with_columns(pl.col(column) + by)
