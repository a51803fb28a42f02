"""Moves the demo shop's year so that it ends now.

A shop that sold nothing for years has no popular products, no trends, and shoppers whose purchases are long past: the first
event of today would make all its history worthless.
"""

from datetime import datetime, timedelta

import polars as pl

WEEK = timedelta(days=7)


def weeks_until(events: pl.DataFrame, now: datetime) -> timedelta:
    """Return by how much to move the events so that the last one is within the week before `now`.

    Whole weeks, so that weekdays are preserved.
    """
    last = events["timestamp"].max()
    if not isinstance(last, datetime):
        return timedelta(0)
    return max(timedelta(0), (now - last) // WEEK * WEEK)


def moved(frame: pl.DataFrame, column: str, by: timedelta) -> pl.DataFrame:
    """Return the frame with one column of times moved."""
    return frame.with_columns(pl.col(column) + by)
