"""How near a moment in the past is to the question's time of day, and to its day of the week.

Both are told from the time between the two alone, so nobody need say in which time zone a shop's clocks go.
"""

import numpy as np
from numpy.typing import NDArray

HOUR_S, DAY_S, WEEK_S = 3_600.0, 86_400.0, 7 * 86_400.0

NEAR_S = 2 * HOUR_S
"""A shopper who comes at six one day comes at five or at seven the next: the width of the bell over the difference."""


def near_in_day(ages: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 to 1: the bell exp(-(d / NEAR_S)^2 / 2) over the difference `d` in time of day; `ages` in seconds."""
    return np.asarray(np.exp(-0.5 * np.square(_off(ages, DAY_S) / NEAR_S)))


def same_weekday(ages: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Within half a day of a whole number of weeks; `ages` in seconds."""
    return np.asarray(np.abs(_off(ages, WEEK_S)) < DAY_S / 2)


def _off(ages: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """Seconds from the nearest whole number of periods."""
    return ages - period * np.round(ages / period)
