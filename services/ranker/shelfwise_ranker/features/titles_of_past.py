"""How similar a candidate's title is to the titles in the shopper's history."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.past import Column
from shelfwise_ranker.features.relative import minus_mean, share_of_maximum
from shelfwise_ranker.features.request import FeatureRequest

HALF_LIFE_DAYS = 120.0
"""A product last touched this long ago has half the weight; tastes last longer than the need for a single product."""


class TitlesOfPast(Feature):
    """The cosine between the title's words and all words of the history, weighted by rarity; by itself and relative to the
    other candidates.

    People keep to a pattern, a flavor, a series ("red retrospot") that no category captures and that embeddings blur.
    """

    family = "affinity"
    columns = ("past_titles", "past_titles_minus_mean", "past_titles_share_of_max")
    inputs = frozenset({"past", "tokens", "table", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        past, table = request.past, request.table
        if not len(past.rows):
            out[:] = np.nan
            return
        weights = table.vocabulary.weights
        title = table.spans["title"]
        # The square root: ten purchases of a product do not mean that its name is liked ten times as much.
        say = np.sqrt(past.weights * np.exp2(-past.last[:-1] / HALF_LIFE_DAYS))
        tokens = table.tokens[past.rows, title]
        worth = weights[tokens]
        each = worth * (say / _length(worth))[:, None]
        profile = np.bincount(tokens.ravel(), weights=each.ravel(), minlength=len(weights)).astype(np.float32)
        profile /= np.linalg.norm(profile)
        asked = request.tokens[:, title]
        worth = weights[asked]
        out[:, 0] = (profile[asked] * worth).sum(axis=1) / _length(worth)
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 1] = minus_mean(out[:, 0])
        out[:, 2] = share_of_maximum(out[:, 0])


def _length(weights: NDArray[Any]) -> Column:
    """[titles] the Euclidean norm of each; 1 for a title without words, so that nothing divides by zero."""
    length = np.sqrt(np.square(weights).sum(axis=1))
    return np.where(length > 0, length, np.float32(1.0)).astype(np.float32)
