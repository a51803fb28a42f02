"""What the shopper who asks for a text, or for what is like a product, did with the candidate before the present visit.

Only candidates near the best one count as touched: who always buys the same polish and asks for a file wants no polish. Nor
does what was touched in the present visit alone: training knows askers until their visit began, so no tree was told what that
means. NaN where nothing is known of who asks: the trees must not take a stranger for somebody who never bought any of them.
"""

from collections.abc import Callable

import numpy as np

from shelfwise_ranker.features.base import Columns
from shelfwise_ranker.features.own import OwnInterest, OwnPurchases
from shelfwise_ranker.features.past import Past, Places
from shelfwise_ranker.features.relative import share_of_maximum
from shelfwise_ranker.features.relevance import NEARLY, near_best
from shelfwise_ranker.features.request import FeatureRequest

_INPUTS = frozenset({"knows_shopper", "past", "places", "relevance", "coverage"})


class AskersPurchases(OwnPurchases):
    """As OwnPurchases."""

    inputs = _INPUTS

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        _fill(self._of, request, out)


class AskersInterest(OwnInterest):
    """As OwnInterest."""

    inputs = _INPUTS

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        _fill(self._of, request, out)


def _fill(of: Callable[[Past, Places, Columns], None], request: FeatureRequest, out: Columns) -> None:
    if request.knows_shopper:
        of(request.past, _places(request), out)
    else:
        out[:] = np.nan


def _places(request: FeatureRequest) -> Places:
    """Where the candidates stand in the past that are near the best in relevance, or have nearly as many of the words."""
    words, places = request.coverage[:, 1], request.places
    near = near_best(request) | ((share_of_maximum(words) >= 1 - NEARLY) & (words > 0))
    return np.where(near & request.past.before_the_visit[places], places, -1)
