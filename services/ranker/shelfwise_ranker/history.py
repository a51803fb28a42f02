"""Makes the history that is sent with a question from one shopper's events; the same code in training and in serving."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import HALF_LIFE_S, MAX_PRODUCTS, History
from shelfwise_ranker.event_log import CART, KINDS, PURCHASE, VIEW
from shelfwise_ranker.time_of_week import near_in_day, same_weekday

MAX_EVENTS = 2_000
"""The number of most recent events, without impressions, that a history is made from: the same in training and in serving."""

_ALPHABETICAL = np.array([sorted(KINDS).index(name) for name in KINDS])
"""The position of each kind in alphabetical order."""

_DIGITS = 4
"""Digits of what is weighted by the time of day: a history is sent with every question, and more digits only make it longer."""


def history_of(
    products: Sequence[str], kinds: NDArray[np.int8], times: NDArray[np.float64], now: float, limit: int = MAX_PRODUCTS
) -> History:
    """The history at `now` (seconds since 1970) of one shopper's events, one entry per event, in any order.

    Left out are impressions, events that are not before `now`, and all but the last `MAX_EVENTS`. Events of one moment are
    ordered by product id, then by type, and products touched at the same moment by id, so that the result depends on the
    events alone.
    """
    kept = np.flatnonzero((times < now) & np.isin(kinds, (VIEW, CART, PURCHASE)))
    touched = np.asarray(products, dtype=object)[kept].astype(str)
    if len(kept) > MAX_EVENTS:
        newest = np.lexsort((_ALPHABETICAL[kinds[kept]], touched, -times[kept]))[:MAX_EVENTS]
        kept, touched = kept[newest], touched[newest]
    ids, place = np.unique(touched, return_inverse=True)
    kinds, times = kinds[kept], times[kept]
    ages = now - times
    count = len(ids)
    bought = kinds == PURCHASE

    def per_product(of: NDArray[np.bool_], weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        return np.bincount(place[of], weights=None if weights is None else weights[of], minlength=count).astype(np.float64)

    def latest(of: NDArray[np.bool_], start: float, pick: np.ufunc) -> NDArray[np.float64]:
        found = np.full(count, start)
        pick.at(found, place[of], ages[of])
        return found

    last = latest(np.ones(len(kept), dtype=bool), np.inf, np.minimum)
    order = np.lexsort((np.arange(count), last))[:limit]
    near, same_day = near_in_day(times, now), same_weekday(times, now)
    moments, first = np.unique(times[bought], return_index=True)
    return History.model_construct(
        products=ids[order].tolist(),
        purchases=per_product(bought)[order].astype(int).tolist(),
        carts=per_product(kinds == CART)[order].astype(int).tolist(),
        views=per_product(kinds == VIEW)[order].astype(int).tolist(),
        decayed=per_product(bought, np.exp2(-ages / HALF_LIFE_S))[order].tolist(),
        first_purchase_s=_known(latest(bought, -np.inf, np.maximum)[order]),
        last_purchase_s=_known(latest(bought, np.inf, np.minimum)[order]),
        last_look_s=_known(latest(~bought, np.inf, np.minimum)[order]),
        last_s=last[order].tolist(),
        purchases_this_hour=np.round(per_product(bought, near)[order], _DIGITS).tolist(),
        purchases_this_weekday=per_product(bought & same_day)[order].astype(int).tolist(),
        orders=len(moments),
        orders_this_hour=round(float(near[bought][first].sum()), _DIGITS),
        orders_this_weekday=int(same_day[bought][first].sum()),
        first_order_s=now - float(moments[0]) if len(moments) else None,
        last_order_s=now - float(moments[-1]) if len(moments) else None,
    )


def _known(values: NDArray[np.float64]) -> list[float | None]:
    return [value if known else None for value, known in zip(values.tolist(), np.isfinite(values).tolist(), strict=True)]
