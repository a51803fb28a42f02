"""Days as moments."""

from datetime import UTC, datetime


def utc(year: int, month: int, day: int) -> datetime:
    """The first moment of the day."""
    return datetime(year, month, day, tzinfo=UTC)
