"""What this shopper, and all shoppers, buy at this hour and on this weekday: lunch is not the weekly shopping."""

import numpy as np

from shelfwise_ranker import hours
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.request import FeatureRequest

_PRIOR_ORDERS = 1.0
_PRIOR_PURCHASES = 0.3
"""Pseudo-counts: an hour without orders of its own is treated as having one like the others."""


class AtThisTime(Feature):
    """The candidate's purchases at this time, and whether orders at this time hold it more often than all orders."""

    family = "time"
    columns = (
        "own_this_hour",
        "own_this_weekday",
        "own_this_hour_to_all",  # its share of the orders at this time over its share of all; NaN if never bought
        "own_this_weekday_to_all",
        "order_size_this_hour",  # products per order at this time; NaN if there was none
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
    """How much larger a share of the candidate's purchases than of all falls in this hour, and on this weekday, in logs."""

    family = "time"
    columns = ("hour_lift", "weekday_lift")
    inputs = frozenset({"habits", "rows", "now"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        for column, place in enumerate(hours.columns_at(request.now)):
            out[:, column] = request.habits.hours[request.rows, place]
