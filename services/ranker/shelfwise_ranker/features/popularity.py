"""How much a product is bought, by itself and relative to the other candidates."""

import numpy as np

from shelfwise_ranker import behavior
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean, share_of_group, share_of_maximum
from shelfwise_ranker.features.request import FeatureRequest

_DECAYED = behavior.COLUMNS.index("decayed")
_MONTH = behavior.COLUMNS.index("purchases_30d")


class Popularity(Feature):
    """The behavior statistics as they are: counts, trend, share of the category."""

    family = "popularity"
    columns = behavior.COLUMNS
    inputs = frozenset({"statistics"})
    rising = frozenset({"purchases_30d", "purchases_90d", "decayed"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        out[:] = request.statistics


class PopularityAmongCandidates(Feature):
    """Popularity relative to the candidates of the request, and the popularity of its category and of its text among them."""

    family = "popularity"
    columns = (
        "decayed_minus_mean",
        "purchases_30d_minus_mean",
        "decayed_share_of_max",
        "decayed_share_of_candidates",
        "category_share_of_purchases",  # share of the candidates' purchases that lies in the candidate's category
        "text_share_of_purchases",  # … in candidates with exactly the same text
    )
    inputs = frozenset({"statistics", "leaf", "rows", "table", "unknown"})
    rising = frozenset({"decayed_minus_mean", "purchases_30d_minus_mean", "decayed_share_of_max"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        values = request.statistics[:, (_DECAYED, _MONTH)]
        out[:, :2] = minus_mean(values)
        counts = np.expm1(values[:, 0])
        out[:, 2] = share_of_maximum(counts)
        weights = counts if request.unknown is None else np.where(request.unknown, 0.0, counts)
        total = weights.sum()
        out[:, 3] = weights / (total if total > 0 else np.inf)
        out[:, 4] = share_of_group(weights, request.leaf)
        # Numbered anew: there are as many texts as products, and a count over all of them would cost more than everything else.
        _, group = np.unique(request.table.text[request.rows], return_inverse=True)
        out[:, 5] = share_of_group(weights, group)
        if request.unknown is not None:
            out[request.unknown] = np.nan
