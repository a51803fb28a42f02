"""Reasons from the shopper's own history and from that of the other shoppers."""

import numpy as np

from shelfwise.contracts.reason import Phrase, Value
from shelfwise_ranker.features.request import FeatureRequest, sources_of
from shelfwise_ranker.reasons import of_seeds

A_FEW = np.log1p(2.5)
"""Purchases, as log(1 + purchases) like the columns: fewer are no trend."""

_MANY_BUYERS = np.log1p(20)
_LOYAL = 0.2
_RISING = 0.3
_MUCH_OF_HISTORY = 0.05
_MORE_THAN_ELSE = 1.2
_OFTEN = 3
"""This many purchases are often, and of one product enough for a rhythm."""

_APART = np.log1p(0.5)
"""Half a day, as log(1 + days) like the column: purchases closer to each other count as one."""

_STOPPED = np.log(3.0)
"""After three times the usual interval the rhythm has ended."""

_OF_SOURCE = {
    "together": "often_bought_with",
    "behavior": "often_bought_after",
    "learned": "goes_with",
    "users": "bought_by_buyers_of",
    "dense": "like",
    "category": "same_shelf",
}


def of_votes(request: FeatureRequest, position: int, values: dict[str, float]) -> Phrase | None:
    """The phrase of the source that ranks the candidate highest; for the shopper's own history that of `of_own` or
    `of_interest`."""
    sources = sources_of(request.kind)
    scores = request.scores
    ranks = np.array(
        [
            np.inf if np.isnan(scores[position, place]) else int((scores[:, place] > scores[position, place]).sum())
            for place in range(len(sources))
        ]
    )
    if not np.isfinite(ranks).any():
        return None
    return of_source(request, position, values, sources[int(np.argmin(ranks))])


def of_source(request: FeatureRequest, position: int, values: dict[str, float], source: str) -> Phrase | None:
    """The phrase for what one source found; None if it would not be true."""
    if source == "own":  # "bought before" says nothing more beside "bought 12 times"
        return of_own(values) or of_interest(values)
    if source == "viewed":
        return of_interest(values) or Phrase("you_looked")
    if source == "trending":
        return Phrase("sells_well") if request.scores[position, sources_of(request.kind).index(source)] > 0 else None
    if source == "category" and request.kind != "user":
        return _of_shelf(request, position)
    return Phrase(_OF_SOURCE[source], _said_with(request))


def of_own(values: dict[str, float]) -> Phrase | None:
    """How often the shopper bought it."""
    times = values["own_purchases"]
    if times > 1:
        return Phrase("you_bought_times", {"times": round(times)})
    return Phrase("you_bought") if times > 0 else None


def of_due(values: dict[str, float]) -> Phrase | None:
    """The shopper's rhythm, if there is one and it still holds.

    With more purchases of the product than orders, several are of one order, whose time says nothing about a rhythm.
    """
    if not (values["own_purchases"] >= _OFTEN and values["own_order_share"] <= 1 and values["own_interval"] > _APART):
        return None
    if not values["due_by_own_interval"] <= _STOPPED:
        return None
    days = round(float(np.expm1(values["own_interval"])))
    return Phrase("you_buy_every_days", {"days": days}) if days > 1 else Phrase("you_buy_every_day")


def of_time(values: dict[str, float]) -> Phrase | None:
    """The hour or weekday at which the shopper buys it more than at others, or the hour at which all shoppers do."""
    if values["own_purchases"] > 1:
        # Never bought at this time: if it has few orders, the ratio would say more than is known.
        hour, weekday = (
            values[f"own_this_{time}_to_all"] if values[f"own_this_{time}"] >= 1 else 0.0 for time in ("hour", "weekday")
        )
        if max(hour, weekday) > _MORE_THAN_ELSE:
            return Phrase("you_buy_at_this_hour" if hour >= weekday else "you_buy_on_this_weekday")
    return Phrase("bought_at_this_hour") if values["hour_lift"] > np.log(_MORE_THAN_ELSE) else None


def of_interest(values: dict[str, float]) -> Phrase | None:
    """In the cart, or viewed."""
    if values["own_carts"] > 0:
        return Phrase("you_put_into_cart")
    return Phrase("you_looked") if values["own_views"] > 0 else None


def of_affinity(request: FeatureRequest, position: int, values: dict[str, float]) -> Phrase | None:
    """What the candidate has in common with the history."""
    name = category_of(request, position)
    if name and values["history_share_of_category"] > _MUCH_OF_HISTORY:
        past, leaf = request.past, request.table.leaf
        bought = past.purchases[:-1][leaf[past.rows] == leaf[request.rows[position]]].sum()
        if bought >= _OFTEN:
            return Phrase("you_often_buy_from_category", {"category": name})
        return Phrase("you_bought_from_category" if bought else "you_looked_at_category", {"category": name})
    return Phrase("like_what_you_touched") if values["history_share_of_text"] > 0 else None


def category_of(request: FeatureRequest, position: int) -> str:
    """The name of the candidate's narrowest category; empty if it has none."""
    row = request.rows[position]
    return request.table.categories[request.table.leaf[row]] if row >= 0 else ""


def of_habits(values: dict[str, float]) -> Phrase | None:
    """What all buyers do."""
    if values["trend_14d_90d"] > _RISING and values["purchases_14d"] > A_FEW:
        return Phrase("bought_more_and_more")
    if values["repeat_rate"] > _LOYAL and values["buyers"] > _MANY_BUYERS:
        return Phrase("bought_again")
    return Phrase("bought_by_many") if values["buyers"] > _MANY_BUYERS else None


def _of_shelf(request: FeatureRequest, position: int) -> Phrase | None:
    """The seed of the candidate's category, or else of its brand."""
    if seed := of_seeds.of_category(request, position):
        return Phrase("same_shelf", {"product": seed})
    seed = of_seeds.of_brand(request, position)
    return Phrase("same_brand", {"product": seed}) if seed else None


def _said_with(request: FeatureRequest) -> dict[str, Value]:
    """What the source started from, by name if that is a single product."""
    if request.kind == "user":
        return {"what": _what_the_past_holds(request)}
    seed = of_seeds.only_seed(request)
    return {"product": seed} if seed else {"what": "in_cart"}


def _what_the_past_holds(request: FeatureRequest) -> str:
    """What the sources start from for a shopper: purchases, or what precedes the first one."""
    history = request.history
    if history is None or history.orders:
        return "bought"
    return "viewed" if any(history.views) else "put_into_cart"
