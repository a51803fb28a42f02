"""What sells now, and what sells better than it used to.

Free events of a shopper with a product count once a day. Otherwise one visitor who reloads a page (mostly a bot) would decide
what is trending. Purchases cost money and count each time.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise_pipeline.behavior.log import WEIGHTS, BehaviorLog
from shelfwise_pipeline.behavior.plan import BehaviorPlan

_PRIOR = 1.0
"""Events added to every product's, so that a single event makes no trend."""


def trending(log: BehaviorLog, plan: BehaviorPlan) -> NDArray[np.float32]:
    """[products] the weighted events, halved every `trending_half_life_days`."""
    return _decayed(log, plan.trending_half_life_days).astype(np.float32)


def rise(log: BehaviorLog, plan: BehaviorPlan, power: float) -> NDArray[np.float32]:
    """[products] the rate of recent events over the usual rate, to the power `power`; 1 for products that sell as usual, or
    never.

    Neighbour lists are made from months of events, and what they know of a pair holds for the season it was learned in. A
    list's score times this ratio is an estimate for now (bulbs in October, no longer sun cream).
    """
    short, usual = plan.trending_half_life_days, plan.usual_half_life_days
    now = _decayed(log, short) + _PRIOR
    expected = _decayed(log, usual) * short / usual + _PRIOR
    return np.asarray((now / expected) ** power, np.float32)


def _decayed(log: BehaviorLog, half_life_days: float) -> NDArray[np.float64]:
    kept = _counted(log)
    weights = log.weights[kept] * np.exp2(-log.age_days[kept] / half_life_days)
    decayed = np.bincount(log.rows[kept], weights, log.products)
    return decayed.astype(np.float64)  # without any events they would be integers


def _counted(log: BehaviorLog) -> NDArray[np.int64]:
    """Return the places of all purchases and of the last view and the last addition to the cart per shopper, product and day,
    ascending.

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
