"""The periods that train, choose and judge."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl

from shelfwise_ranker.tallies import DAY_S

TRAIN_FROM, VALIDATE_FROM, TEST_FROM = 0.58, 0.835, 0.918
"""Quantiles of the purchases' times. The time before the first only provides history, because features need a past."""

MIN_PURCHASES = 1_000
MIN_SPAN = timedelta(days=14)
"""With fewer purchases, or a shorter time, the catalog teaches better than events."""

LONGEST_WINDOW_S = 7 * DAY_S
WINDOWS = 8
"""A shop with a short history gets windows shorter than a week, so that at least this many lie between the start of training
and the end."""


@dataclass(frozen=True, slots=True)
class Split:
    """Three periods, each ending where the next begins. A question belongs to the period of its moment."""

    train_from: datetime
    validate_from: datetime
    test_from: datetime
    end: datetime  # just after the last purchase

    @property
    def window_s(self) -> float:
        """The seconds for which statistics are used before they are recomputed; in service, the time between two builds."""
        return min(LONGEST_WINDOW_S, (self.end - self.train_from).total_seconds() / WINDOWS)

    @property
    def judges(self) -> bool:
        """Whether there is a period to judge by. There is none if the judging is done elsewhere, by what happens after the
        end."""
        return self.test_from < self.end

    def train(self) -> tuple[float, float]:
        """Start and end in seconds since 1970, without the end."""
        return self.train_from.timestamp(), self.validate_from.timestamp()

    def validate(self) -> tuple[float, float]:
        return self.validate_from.timestamp(), self.test_from.timestamp()

    def test(self) -> tuple[float, float]:
        return self.test_from.timestamp(), self.end.timestamp()


def split_times(events: pl.DataFrame) -> Split | None:
    """Return the periods of a shop's events, by quantiles of its purchases' times; None if there is too little to learn from.

    `events` has the columns of the event contract. Moments are moved to the nearest midnight if the history spans two months
    and each period keeps at least half of its purchases: on the day of a big sale, half a day may hold all of them.
    """
    times = _purchase_times(events)
    if len(times) < MIN_PURCHASES or _at(times, 1.0) - _at(times, 0.0) < MIN_SPAN:
        return None
    last = _at(times, 1.0)
    end = last + timedelta(microseconds=1)
    train_from, validate_from, test_from = (_at(times, share) for share in (TRAIN_FROM, VALIDATE_FROM, TEST_FROM))
    exact = Split(train_from, validate_from, test_from, end)
    if not train_from < validate_from < test_from:
        return None
    if last - _at(times, 0.0) < timedelta(days=60):
        return exact
    rounded = Split(_midnight(train_from), _midnight(validate_from), _midnight(test_from), end)
    keeps = all(2 * now >= before for now, before in zip(_held(rounded, times), _held(exact, times), strict=True))
    return rounded if keeps else exact


def why_unlearned(events: pl.DataFrame) -> str:
    """Return the consequence for a shop for which `split_times` is None."""
    return f"no model learns from events or is measured on them: {lacking(events)}; the models learn from the catalog instead"


def lacking(events: pl.DataFrame) -> str:
    """Return what a shop lacks for which `split_times` is None: what was expected and what was found."""
    times = _purchase_times(events)
    days = (_at(times, 1.0) - _at(times, 0.0)).days if len(times) else 0
    return (
        f"expected at least {MIN_PURCHASES} purchases over at least {MIN_SPAN.days} days, not many of them at one moment, "
        f"found {len(times)} over {days} days"
    )


def _purchase_times(events: pl.DataFrame) -> pl.Series:
    return events.filter(pl.col("type") == "purchase")["timestamp"].sort()


def _held(split: Split, times: pl.Series) -> list[int]:
    """Return how many of the times lie in each of the three periods."""
    moments = (split.train_from, split.validate_from, split.test_from, split.end)
    before = [int((times < moment).sum()) for moment in moments]
    return [until - start for start, until in pairwise(before)]


def _at(sorted_times: pl.Series, share: float) -> datetime:
    moment: datetime = sorted_times[min(len(sorted_times) - 1, int(share * len(sorted_times)))]
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _midnight(moment: datetime) -> datetime:
    return (moment + timedelta(hours=12)).replace(hour=0, minute=0, second=0, microsecond=0)
