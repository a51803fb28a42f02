"""Price relative to the category, the other candidates and the seeds."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest


class Price(Feature):
    """Log price, and its distance from the median of the category and from the mean of the candidates."""

    family = "price"
    columns = ("log_price", "price_to_category", "price_to_candidates")
    inputs = frozenset({"table", "rows"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        price = request.table.log_price[request.rows]
        out[:, 0] = price
        out[:, 1] = request.table.price_to_category[request.rows]
        out[:, 2] = minus_mean(price)


class PriceToSeed(Feature):
    """Log price minus the seeds' mean log price, and its absolute value; NaN if no seed has a price."""

    family = "price"
    columns = ("price_to_seed", "price_distance_to_seed")
    inputs = frozenset({"table", "rows", "known_seeds"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        of_seeds = request.table.log_price[request.known_seeds]
        of_seeds = of_seeds[of_seeds == of_seeds]
        if not len(of_seeds):
            out[:] = np.nan
            return
        distance = request.table.log_price[request.rows] - of_seeds.mean()
        out[:, 0] = distance
        out[:, 1] = np.abs(distance)
