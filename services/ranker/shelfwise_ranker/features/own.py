"""What the shopper did with a candidate so far, and whether it is time to buy it again."""

import numpy as np

from shelfwise_ranker import habits
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.past import Past, Places
from shelfwise_ranker.features.relative import minus_mean, rank_from_best, share_of_maximum
from shelfwise_ranker.features.request import FeatureRequest

_REPEAT_INTERVAL = habits.COLUMNS.index("repeat_interval")
_SAME_MOMENT_DAYS = 1e-4


class OwnPurchases(Feature):
    """How often and how recently the candidate was bought, relative to the shopper's orders and to the other candidates."""

    family = "own"
    columns = (
        "own_purchases",
        "own_decayed",  # halved every 60 days
        "own_order_share",  # of all the shopper's orders
        "own_order_share_since",  # of the orders since the first one with it, if orders are evenly spread
        "own_days_since",  # log(1 + days), NaN when never bought
        "own_days_known",  # log(1 + days) since the first purchase
        "own_in_last_order",
        "own_orders_since",  # how many orders the shopper usually places in that time
        "own_purchases_share_of_max",
        "own_decayed_share_of_max",
        "own_purchases_minus_mean",
        "own_decayed_minus_mean",
        "own_purchases_rank",  # one over the rank; equal counts by recency
        "own_decayed_rank",
        "own_recency_rank",
    )
    inputs = frozenset({"past", "places"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        self._of(request.past, request.places, out)

    @staticmethod
    def _of(past: Past, places: Places, out: Columns) -> None:
        """`places`: each candidate's index in `past`; -1 if it was never touched."""
        purchases, decayed = past.purchases[places], past.decayed[places]
        since, known = past.last_purchase[places], past.first_purchase[places]
        out[:, 0] = purchases
        out[:, 1] = decayed
        out[:, 2] = purchases / max(past.orders, 1)
        out[:, 3] = purchases / (1.0 + (past.orders - 1) * known / max(past.first_order, _SAME_MOMENT_DAYS))
        out[:, 4] = np.log1p(since)
        out[:, 5] = np.log1p(known)
        out[:, 6] = since - past.last_order < _SAME_MOMENT_DAYS
        out[:, 7] = since / past.rhythm
        both = np.stack([purchases, decayed], axis=1)
        out[:, 8:10] = share_of_maximum(both)
        out[:, 10:12] = minus_mean(both)
        recency = np.where(since == since, 1.0 / (1.0 + since), 0.0)
        bought = purchases > 0
        keys = np.stack([purchases + 0.5 * recency, decayed, recency], axis=1)
        out[:, 12:] = rank_from_best(np.where(bought[:, None], keys, np.nan))


class DueAgain(Feature):
    """Time since the last purchase relative to the usual time between two: the shopper's own, and that of all buyers."""

    family = "due"
    columns = (
        "own_interval",  # log(1 + days) between the shopper's purchases of it; NaN with fewer than two
        "due_by_own_interval",  # log of the time since over the interval; 0 is just due
        "due_by_habit",  # … over the interval of all buyers
        "orders_overdue",  # orders since, minus the orders that usually lie between two purchases of it
    )
    inputs = frozenset({"past", "places", "habits", "rows"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        past, places = request.past, request.places
        purchases, since = past.purchases[places], past.last_purchase[places]
        interval = np.where(purchases > 1, (past.first_purchase[places] - since) / np.maximum(purchases - 1, 1), np.nan)
        of_all = np.expm1(request.habits.values[request.rows, _REPEAT_INTERVAL])
        out[:, 0] = np.log1p(interval)
        out[:, 1] = np.log((since + 1) / (interval + 1))
        out[:, 2] = np.log((since + 1) / (of_all + 1))
        out[:, 3] = (since - interval) / past.rhythm


class OwnInterest(Feature):
    """How often the candidate was viewed and put into the cart; whether it, and the others, are new to the shopper."""

    family = "interest"
    columns = (
        "own_views",
        "own_carts",
        "own_days_since_touch",  # log(1 + days), NaN when never touched
        "new_to_shopper",  # never bought
        "bought_share_of_candidates",  # 0 when bought products are excluded on purpose
    )
    inputs = frozenset({"past", "places"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        self._of(request.past, request.places, out)

    @staticmethod
    def _of(past: Past, places: Places, out: Columns) -> None:
        """`places`: as in `OwnPurchases`."""
        new = past.purchases[places] == 0
        out[:, 0] = past.views[places]
        out[:, 1] = past.carts[places]
        out[:, 2] = np.log1p(past.last[places])
        out[:, 3] = new
        out[:, 4] = 1.0 - new.mean() if len(new) else 0.0


class ShopperHabits(Feature):
    """What kind of shopper asks; the same for all candidates."""

    family = "shopper"
    columns = (
        "shopper_orders",
        "shopper_rhythm",  # log(1 + days) between two orders
        "shopper_days_since_order",  # log(1 + days)
        "shopper_order_size",  # products per order
        "shopper_repeats",  # the share of purchases that are not the first of their product
    )
    inputs = frozenset({"past"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        past = request.past
        total, products = float(past.purchases.sum()), int((past.purchases > 0).sum())
        out[:, 0] = past.orders
        out[:, 1] = np.log1p(past.rhythm)
        out[:, 2] = np.log1p(past.last_order)
        out[:, 3] = total / past.orders if past.orders else np.nan
        out[:, 4] = 1.0 - products / total if total else np.nan
