"""Relevance, and popularity among the relevant candidates.

The most popular of the products that nearly match the query is still not what was asked for.
"""

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker import behavior
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_best, share_of_maximum
from shelfwise_ranker.features.request import FeatureRequest

NEARLY = 0.2
"""Candidates whose relevance is within this of the best compete by popularity, and by what the shopper did with them."""

_DECAYED = behavior.COLUMNS.index("decayed")


class Relevance(Feature):
    """Closeness in meaning and query words found, combined into one number, and that number minus the best candidate's."""

    family = "text"
    columns = ("relevance", "relevance_minus_best")
    inputs = frozenset({"relevance", "unknown"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        out[:, 0] = request.relevance
        out[:, 1] = minus_best(request.relevance)
        if request.unknown is not None:
            out[request.unknown] = np.nan


class PopularityAmongRelevant(Feature):
    """Popularity relative to the most popular candidate among those near the best in relevance; 0 for all others."""

    family = "popularity"
    columns = ("popularity_among_relevant",)
    inputs = frozenset({"relevance", "statistics", "unknown"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        counts = np.expm1(request.statistics[:, _DECAYED])
        out[:, 0] = share_of_maximum(np.where(near_best(request), counts, 0.0))
        if request.unknown is not None:
            out[request.unknown] = np.nan


def near_best(request: FeatureRequest) -> NDArray[np.bool_]:
    """[candidates] whether the relevance is within `NEARLY` of the best."""
    return np.asarray(minus_best(request.relevance) >= -NEARLY)
