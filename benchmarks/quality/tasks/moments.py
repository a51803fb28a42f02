"""Turns days into moments."""

from datetime import UTC, datetime


def utc(year: int, month: int, day: int) -> datetime:
    """The first moment of the day, in UTC."""
    return datetime(year, month, day, tzinfo=UTC)
