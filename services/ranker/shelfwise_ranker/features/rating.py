"""Buyers' ratings."""

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest


class Rating(Feature):
    """The rating with the catalog's mean as prior, the log of the rating count, and the rating relative to the others."""

    family = "rating"
    columns = ("rating", "rating_count", "rating_minus_mean")
    inputs = frozenset({"table", "rows"})
    rising = frozenset({"rating", "rating_minus_mean"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        rating = request.table.rating[request.rows]
        out[:, 0] = rating
        out[:, 1] = request.table.rating_count[request.rows]
        out[:, 2] = minus_mean(rating)
