"""What this shopper, and everybody, buys at this time of day and on this day of the week: lunch is no week's shopping."""

import numpy as np

from shelfwise_ranker import hours
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.request import FeatureRequest

_PRIOR_ORDERS = 1.0
_PRIOR_PURCHASES = 0.3
"""Before an hour has orders of its own, it has one like the others."""


class AtThisTime(Feature):
    """The candidate in the orders at this time, and whether these hold it more often than the others do."""

    family = "time"
    columns = (
        "own_this_hour",
        "own_this_weekday",
        "own_this_hour_to_all",  # its part of the orders at this time over its part of all; NaN when never bought
        "own_this_weekday_to_all",
        "order_size_this_hour",  # products in an order at this time; NaN when there was none
    )
    inputs = frozenset({"past", "places"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        past, places = request.past, request.places
        purchases = past.purchases[places]
        of_all = (purchases + _PRIOR_PURCHASES) / (past.orders + _PRIOR_ORDERS)
        at_this = ((past.this_hour, past.orders_this_hour), (past.this_weekday, past.orders_this_weekday))
        for column, (bought, orders) in enumerate(at_this):
            here = bought[places]
            out[:, column] = here
            part = (here + _PRIOR_PURCHASES) / (orders + _PRIOR_ORDERS)
            out[:, 2 + column] = np.where(purchases > 0, part / of_all, np.nan)
        out[:, 4] = past.this_hour.sum() / past.orders_this_hour if past.orders_this_hour else np.nan


class SoldAtThisTime(Feature):
    """How much more of the candidate's purchases than of all fall to this hour, and to this day, in logarithms."""

    family = "time"
    columns = ("hour_lift", "weekday_lift")
    inputs = frozenset({"habits", "rows", "now"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        for column, place in enumerate(hours.columns_at(request.now)):
            out[:, column] = request.habits.hours[request.rows, place]
