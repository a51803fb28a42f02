"""The scores of all candidate sources, for the kinds of questions that many sources answer."""

from typing import ClassVar

import numpy as np

from shelfwise_ranker import behavior
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean, rank_from_best, share_of_maximum
from shelfwise_ranker.features.request import SOURCES, FeatureRequest, sources_of

VIEWS = ("score", "share_of_max", "rank", "minus_mean")
"""`rank` is one over the rank."""

_TOGETHER = sources_of("together").index("together")
_DECAYED = behavior.COLUMNS.index("decayed")
_RANK_OFFSET = 60.0
"""The usual constant of reciprocal rank fusion: the larger it is, the less the first places stand out."""


class _Votes(Feature):
    """Per source its score, by itself and relative to the other candidates; how many sources agree, and how strongly."""

    family = "sources"
    inputs = frozenset({"scores"})
    sources: ClassVar[tuple[str, ...]]
    """The last sources of the kind, or all."""

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        count = len(self.sources)
        scores = request.scores[:, -count:]
        ranks = rank_from_best(scores)
        for place, view in enumerate((scores, share_of_maximum(scores), ranks, minus_mean(scores))):
            out[:, place * count : (place + 1) * count] = view
        found = scores == scores
        out[:, -2] = found.sum(axis=1)
        out[:, -1] = np.where(found, 1.0 / (_RANK_OFFSET + 1.0 / ranks), 0.0).sum(axis=1)


def _columns(sources: tuple[str, ...]) -> tuple[str, ...]:
    return (*(f"{source}_{view}" for view in VIEWS for source in sources), "found_by", "rank_fusion")


class ProductVotes(_Votes):
    """For alternatives to a product: the category source; closeness to the product has features of its own."""

    family = "votes"
    sources = sources_of("product")[len(SOURCES) :]
    columns = _columns(sources)


class TogetherVotes(_Votes):
    """For products bought together with the seeds."""

    sources = sources_of("together")
    columns = _columns(sources)


class UserVotes(_Votes):
    """For what a shopper wants next."""

    sources = sources_of("user")
    columns = _columns(sources)


class Lift(Feature):
    """How much more often a candidate is bought with the seeds than its popularity alone would explain, in logarithms.

    The symmetric counterpart of `together`: divided by both products' purchases, as in pointwise mutual information.
    """

    family = "together"
    columns = ("lift", "lift_minus_mean", "together_times_lift")
    inputs = frozenset({"scores", "behavior", "rows"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        together = request.scores[:, _TOGETHER]
        popularity = request.behavior.values[request.rows, _DECAYED]
        lift = np.log(np.maximum(together, np.float32(1e-9))) - popularity
        out[:, 0] = lift
        out[:, 1] = minus_mean(lift)
        out[:, 2] = together * np.maximum(out[:, 1], 0.0)
