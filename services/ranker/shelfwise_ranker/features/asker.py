"""What the shopper who asks for a text, or for what is like a product, did with the candidate so far.

Only candidates near the best one count as touched: who always buys the same polish and asks for a file wants no polish. NaN
where nothing is known of who asks: the trees must not take a stranger for somebody who never bought any of the candidates.
"""

import numpy as np

from shelfwise_ranker.features.base import Columns
from shelfwise_ranker.features.own import OwnInterest, OwnPurchases
from shelfwise_ranker.features.past import Places
from shelfwise_ranker.features.relative import minus_best
from shelfwise_ranker.features.relevance import NEARLY, near_best
from shelfwise_ranker.features.request import FeatureRequest

_INPUTS = frozenset({"knows_shopper", "past", "places", "relevance", "coverage"})


class AskersPurchases(OwnPurchases):
    """As OwnPurchases."""

    inputs = _INPUTS

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        if request.knows_shopper:
            self._of(request.past, _places(request), out)
        else:
            out[:] = np.nan


class AskersInterest(OwnInterest):
    """As OwnInterest."""

    inputs = _INPUTS

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        if request.knows_shopper:
            self._of(request.past, _places(request), out)
        else:
            out[:] = np.nan


def _places(request: FeatureRequest) -> Places:
    """Where the candidates stand in the past that are near the best in relevance, or have nearly as many of the words."""
    near = near_best(request) | (minus_best(request.coverage[:, 1]) >= -NEARLY)
    return np.where(near, request.places, -1)
