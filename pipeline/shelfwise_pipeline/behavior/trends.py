"""What sells now, and what sells better than it used to.

What is free, one shopper does with one product once a day: more views or carts of that day do not count, or one visitor who
reloads a page (a robot, mostly) would decide what is trending. Purchases cost money and count each time.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise_pipeline.behavior.log import WEIGHTS, BehaviorLog
from shelfwise_pipeline.behavior.plan import BehaviorPlan

_PRIOR = 1.0
"""Events that every product is taken to have, so that one event more or less makes no trend."""


def trending(log: BehaviorLog, plan: BehaviorPlan) -> NDArray[np.float32]:
    """[products] weighted events, halved every few days."""
    return _decayed(log, plan.trending_half_life_days).astype(np.float32)


def rise(log: BehaviorLog, plan: BehaviorPlan, power: float) -> NDArray[np.float32]:
    """[products] the rate of events lately over the usual rate, to the `power`; 1 for what sells as ever, or never.

    Neighbour lists are made of months: what they know of a pair is true for the season it was learned in. A list's score
    times this is an estimate for now (bulbs in October, no longer sun cream).
    """
    short, usual = plan.trending_half_life_days, plan.usual_half_life_days
    now = _decayed(log, short) + _PRIOR
    expected = _decayed(log, usual) * short / usual + _PRIOR
    return np.asarray((now / expected) ** power, np.float32)


def _decayed(log: BehaviorLog, half_life_days: float) -> NDArray[np.float64]:
    kept = _counted(log)
    weights = log.weights[kept] * np.exp2(-log.age_days[kept] / half_life_days)
    decayed = np.bincount(log.rows[kept], weights, log.products)
    return decayed.astype(np.float64)  # without a single event they would be whole numbers


def _counted(log: BehaviorLog) -> NDArray[np.int64]:
    """Places of all purchases, and of the last of a shopper's views and carts of a product on a day, rising.

    Days are counted back from the fit's moment.
    """
    is_free = np.flatnonzero(log.weights != np.float32(WEIGHTS["purchase"]))
    same = {"row": log.rows, "user": log.users, "weight": log.weights, "day": np.floor(log.age_days)}
    free = pl.DataFrame({"place": is_free, **{name: values[is_free] for name, values in same.items()}})
    once = free.unique(list(same), keep="last")["place"].to_numpy()
    is_counted = np.ones(len(log), dtype=bool)
    is_counted[is_free] = False
    is_counted[once] = True
    return np.flatnonzero(is_counted)
