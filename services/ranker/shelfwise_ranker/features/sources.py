"""The scores of the candidate sources, by themselves and relative to the other candidates."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import height_above, minus_best, minus_mean, share_of_maximum
from shelfwise_ranker.features.request import SOURCES, FeatureRequest

_VIEWS = ("score", "minus_mean", "share_of_max", "reciprocal_rank", "minus_best", "height", "found")


class SourceScores(Feature):
    """Per source: the raw score, relative to the candidates' mean and best, one over the rank, and whether it found the
    candidate."""

    family = "sources"
    columns = tuple(f"{source}_{view}" for view in _VIEWS for source in SOURCES)
    inputs = frozenset({"scores"})
    rising = frozenset(f"{source}_{view}" for view in _VIEWS[:-1] for source in SOURCES)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        scores = request.scores[:, : len(SOURCES)]
        count, sources = scores.shape
        out[:, :sources] = scores
        above = minus_mean(scores)
        out[:, sources : 2 * sources] = above
        out[:, 2 * sources : 3 * sources] = share_of_maximum(scores)
        found = scores == scores
        # NaN sorts last; equal scores keep the order in which the retriever sent them.
        order = (-scores).argsort(axis=0, kind="stable")
        reciprocal = np.empty((count, sources), dtype=np.float32)
        reciprocal[order, np.arange(sources)] = (np.float32(1.0) / np.arange(1, count + 1, dtype=np.float32))[:, None]
        out[:, 3 * sources : 4 * sources] = np.where(found, reciprocal, np.nan)
        out[:, 4 * sources : 5 * sources] = minus_best(scores)
        out[:, 5 * sources : 6 * sources] = height_above(above)
        out[:, 6 * sources :] = found
