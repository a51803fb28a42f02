"""Which time teaches, which chooses, which judges."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from shelfwise_ranker.tallies import DAY_S

TRAIN_FROM, VALIDATE_FROM, TEST_FROM = 0.58, 0.835, 0.918
"""Quantiles of the events' times. Before the first lies only history: features need a past to speak of."""

MIN_PURCHASES = 1_000
MIN_SPAN = timedelta(days=14)
"""With fewer purchases, or a shorter time, there is nothing to learn from events that the catalog does not teach better."""

LONGEST_WINDOW_S = 7 * DAY_S
WINDOWS = 8
"""A shop with a short history gets windows shorter than a week, so that at least so many lie between training and the end."""


@dataclass(frozen=True, slots=True)
class Split:
    """Three periods, each ending where the next begins; every question belongs to the one of its moment."""

    train_from: datetime
    validate_from: datetime
    test_from: datetime
    end: datetime  # just after the last event

    @property
    def window_s(self) -> float:
        """Seconds that statistics are used before they are made anew; in service, the time between two builds."""
        return min(LONGEST_WINDOW_S, (self.end - self.train_from).total_seconds() / WINDOWS)

    @property
    def judges(self) -> bool:
        """Is there a period to judge by? None where someone else judges, by what happens after the end."""
        return self.test_from < self.end

    def train(self) -> tuple[float, float]:
        """From and until, in seconds since 1970; the end is not part of it."""
        return self.train_from.timestamp(), self.validate_from.timestamp()

    def validate(self) -> tuple[float, float]:
        return self.validate_from.timestamp(), self.test_from.timestamp()

    def test(self) -> tuple[float, float]:
        return self.test_from.timestamp(), self.end.timestamp()


def split_times(events: pl.DataFrame) -> Split | None:
    """The periods of a shop's events, chosen by quantiles of its purchases' times; None when there is too little to learn from.

    `events` has the columns of the event contract. Moments are moved to the nearest midnight when the history spans two months.
    """
    if events.height == 0:
        return None
    times = events.filter(pl.col("type") == "purchase")["timestamp"].sort()
    if len(times) < MIN_PURCHASES or _at(times, 1.0) - _at(times, 0.0) < MIN_SPAN:
        return None
    train_from, validate_from, test_from = (_at(times, share) for share in (TRAIN_FROM, VALIDATE_FROM, TEST_FROM))
    if _at(times, 1.0) - _at(times, 0.0) >= timedelta(days=60):
        train_from, validate_from, test_from = map(_midnight, (train_from, validate_from, test_from))
    if not train_from < validate_from < test_from:
        return None
    return Split(train_from, validate_from, test_from, _at(times, 1.0) + timedelta(microseconds=1))


def _at(sorted_times: pl.Series, share: float) -> datetime:
    moment: datetime = sorted_times[min(len(sorted_times) - 1, int(share * len(sorted_times)))]
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _midnight(moment: datetime) -> datetime:
    return (moment + timedelta(hours=12)).replace(hour=0, minute=0, second=0, microsecond=0)
