"""What a shopper's own past, and that of the other shoppers, gives as a reason."""

import numpy as np

from shelfwise_ranker.features.request import FeatureRequest, sources_of

_MANY_BUYERS = np.log1p(20)
_LOYAL = 0.2
_RISING = 0.3
_MUCH_OF_HISTORY = 0.05
_MORE_THAN_ELSE = 1.2

_OF_SOURCE = {
    "together": "often bought with {}",
    "behavior": "often bought after {}",
    "learned": "goes with {}",
    "users": "bought by those who bought {}",
    "dense": "like {}",
    "category": "from the same shelf as {}",
    "trending": "sells well at the moment",
    "viewed": "you looked at it",
}


def of_votes(request: FeatureRequest, position: int, values: dict[str, float]) -> str:
    """The source that places the candidate highest, in words; its own past in those of `of_own` and `of_interest`."""
    sources = sources_of(request.kind)
    scores = request.scores
    ranks = np.array(
        [
            np.inf if np.isnan(scores[position, place]) else int((scores[:, place] > scores[position, place]).sum())
            for place in range(len(sources))
        ]
    )
    if not np.isfinite(ranks).any():
        return ""
    best = sources[int(np.argmin(ranks))]
    if best == "own":  # a reason that says «before» beside «12 times» says nothing more
        return of_own(values) or of_interest(values)
    return _OF_SOURCE[best].format(_said_with(request))


def of_own(values: dict[str, float]) -> str:
    """How often the shopper bought it."""
    times = values["own_purchases"]
    if times > 1:
        return f"you bought it {times:.0f} times"
    return "you bought it before" if times else ""


def of_due(values: dict[str, float]) -> str:
    """The shopper's rhythm, where there is one."""
    if values["own_purchases"] < 2 or np.isnan(values["own_interval"]):
        return ""
    days = round(float(np.expm1(values["own_interval"])))
    return f"you buy it about every {days} days" if days > 1 else "you buy it nearly every day"


def of_time(values: dict[str, float]) -> str:
    """The time of day or the day of the week at which the shopper buys it more than at others, or everybody does."""
    if values["own_purchases"] > 1:
        hour, weekday = values["own_this_hour_to_all"], values["own_this_weekday_to_all"]
        if max(hour, weekday) > _MORE_THAN_ELSE:
            return "you buy it at this time of day" if hour >= weekday else "you buy it on this day of the week"
    return "bought most at this time of day" if values["hour_lift"] > np.log(_MORE_THAN_ELSE) else ""


def of_interest(values: dict[str, float]) -> str:
    """In the cart, looked at, or something new."""
    if values["own_carts"] > 0:
        return "you put it into your cart"
    return "you looked at it" if values["own_views"] > 0 else ""


def of_affinity(request: FeatureRequest, position: int, values: dict[str, float]) -> str:
    """What the candidate shares with the history."""
    row = request.rows[position]
    name = request.table.categories[request.table.leaf[row]] if row >= 0 else ""
    if name and values["history_share_of_category"] > _MUCH_OF_HISTORY:
        return f"you often buy from «{name}»"
    return "like what you bought or looked at" if values["history_share_of_text"] > 0 else ""


def of_habits(values: dict[str, float]) -> str:
    """What all buyers do."""
    if values["trend_14d_90d"] > _RISING and values["purchases_14d"] > 0:
        return "bought more and more"
    if values["repeat_rate"] > _LOYAL and values["buyers"] > _MANY_BUYERS:
        return "those who try it buy it again"
    return "bought by many" if values["buyers"] > _MANY_BUYERS else ""


def _said_with(request: FeatureRequest) -> str:
    """The first seed's name, or the history in general."""
    if len(request.known_seeds):
        return f"«{request.table.titles[request.known_seeds[0]]}»"
    return "what you bought"
