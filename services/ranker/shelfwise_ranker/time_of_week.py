"""How close a past moment is to the question's time of day, and to its day of the week.

Both follow from the time between the two alone, so no time zone needs to be configured. Only the clock of an event at midnight
to the second, in UTC, is not trusted: that is what a date without a time becomes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.tallies import DAY_S

HOUR_S, WEEK_S = 3_600.0, 7 * DAY_S

NEAR_S = 2 * HOUR_S
"""The width of the bell over the time difference: a shopper who comes at six one day comes at five or at seven the next."""

USUAL = math.sqrt(2 * math.pi) * NEAR_S / DAY_S
"""The mean of the bell over a whole day. An unknown time counts as much: a shop that imports dates is asked at all hours, and
its shoppers must then have the values that they had when its model was trained."""


def without_clock(times: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of `times`, in seconds since 1970, are dates rather than moments."""
    return np.asarray(times % DAY_S == 0)


def near_in_day(times: NDArray[np.float64], now: float) -> NDArray[np.float64]:
    """0 to 1: the bell exp(-(d / NEAR_S)^2 / 2) over the difference `d` in time of day; USUAL for a date."""
    bell = np.exp(-0.5 * np.square(_off(now - times, DAY_S) / NEAR_S))
    return np.where(without_clock(times), USUAL, bell)


def same_weekday(times: NDArray[np.float64], now: float) -> NDArray[np.bool_]:
    """Within half a day of a whole number of weeks before `now`; a date counts from its noon, so that all of its day is
    near."""
    off = _off(now - np.where(without_clock(times), times + DAY_S / 2, times), WEEK_S)
    return np.asarray((off >= -DAY_S / 2) & (off < DAY_S / 2))


def _off(ages: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """Seconds from the nearest whole number of periods."""
    return ages - period * np.round(ages / period)
