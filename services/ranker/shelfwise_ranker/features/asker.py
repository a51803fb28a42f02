"""What the shopper who asks for a text, or for products like another, did with a candidate before the present visit.

Only candidates close to the best one count as touched: a shopper who always buys the same polish and now asks for a file does
not want polish. A product touched only in the present visit does not count either: in training, an asker's history ends where
the visit begins, so the trees never saw that case. All columns are NaN if nothing is known about the shopper: the trees must
not mistake a stranger for somebody who never bought any of the candidates.
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
    """The columns of `OwnPurchases`."""

    inputs = _INPUTS

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        _fill(self._of, request, out)


class AskersInterest(OwnInterest):
    """The columns of `OwnInterest`."""

    inputs = _INPUTS

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        _fill(self._of, request, out)


def _fill(of: Callable[[Past, Places, Columns], None], request: FeatureRequest, out: Columns) -> None:
    if request.knows_shopper:
        of(request.past, _places(request), out)
    else:
        out[:] = np.nan


def _places(request: FeatureRequest) -> Places:
    """[candidates] the index in `past` of candidates that are close to the best in relevance or in query words found, and were
    touched before the present visit; -1 for others."""
    words, places = request.coverage[:, 1], request.places
    near = near_best(request) | ((share_of_maximum(words) >= 1 - NEARLY) & (words > 0))
    return np.where(near & request.past.before_the_visit[places], places, -1)
