"""At which hours of the day and on which days of the week a product is bought, relative to all purchases.

Times are UTC: a time zone only shifts all products' hours alike, and summer time blurs them by one hour.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.tallies import DAY_S
from shelfwise_ranker.time_of_week import HOUR_S, without_clock

HOURS, WEEKDAYS = 24, 7

COLUMNS = (*(f"hour_{hour}" for hour in range(HOURS)), *(f"weekday_{day}" for day in range(WEEKDAYS)))

PRIOR_PURCHASES = 30.0
"""This many counts at the usual times are added to each product's own: one bought five times has no hours of its own yet. A
purchase counts once for its weekday and three times for hours (see `lifts`), so that there ten purchases weigh as much."""

Lifts = NDArray[np.float16]
"""[products, COLUMNS] log of the share of the product's purchases at that time over the same share of all purchases; half the
size of float32, because a large catalog needs much memory for it."""

_THURSDAY = 3  # weekday of 1 January 1970, counted from Monday


def columns_at(now: float) -> tuple[int, int]:
    """The indices in COLUMNS of the hour and of the day of the week of `now`, in seconds since 1970."""
    hour, weekday = _hour_and_weekday(np.array([now]))
    return int(hour[0]), HOURS + int(weekday[0])


def lifts(count: int, bought: EventLog) -> Lifts:
    """The lifts of `count` products from the purchases `bought`; 0 where these say nothing: bought when everything is.

    A purchase also counts for the two neighbouring hours, so three times: a habit is not punctual. A date without a time counts
    for its weekday and for no hour.
    """
    hour, weekday = _hour_and_weekday(bought.times)
    told = ~without_clock(bought.times)
    hours = _counted(bought.rows[told], hour[told], count, HOURS)
    hours = hours + np.roll(hours, 1, axis=1) + np.roll(hours, -1, axis=1)
    return np.concatenate([_lift(hours), _lift(_counted(bought.rows, weekday, count, WEEKDAYS))], axis=1)


def _hour_and_weekday(times: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    days, since_midnight = np.divmod(times, DAY_S)
    return (since_midnight // HOUR_S).astype(np.int64), (days.astype(np.int64) + _THURSDAY) % WEEKDAYS


def _counted(rows: NDArray[Any], times: NDArray[np.int64], count: int, width: int) -> NDArray[np.float64]:
    """[count, width] how often each product was bought at each time."""
    cells = rows.astype(np.int64) * width + times
    return np.bincount(cells, minlength=count * width).astype(np.float64).reshape(count, width)


def _lift(counts: NDArray[np.float64]) -> Lifts:
    usual = counts.sum(axis=0) / max(counts.sum(), 1.0)
    known = usual > 0  # if nothing is ever bought at a time, there is nothing to compare with
    part = (counts + PRIOR_PURCHASES * usual) / (counts.sum(axis=1, keepdims=True) + PRIOR_PURCHASES)
    ratio = np.divide(part, usual, out=np.ones_like(part), where=known)
    return np.asarray(np.log(ratio), dtype=np.float16)
