"""How long a product has been in the shop."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.tallies import DAY_S


class Freshness(Feature):
    """Log(1 + days since the product was created); NaN if the shop does not say."""

    family = "freshness"
    columns = ("age",)
    inputs = frozenset({"table", "rows", "now"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        days = (request.now - request.table.created_at[request.rows]) / DAY_S
        out[:, 0] = np.log1p(np.maximum(days, 0.0))
