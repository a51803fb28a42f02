"""How alike query and title are spelled."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import height_above, minus_best, minus_mean, share_of_maximum
from shelfwise_ranker.features.request import FeatureRequest, sources_of

_SPELLED = sources_of("text").index("spelled")


class Spelled(Feature):
    """The `spelled` source's score, and against the other candidates'; whether it found the candidate."""

    family = "sources"
    columns = (
        "spelled_score", "spelled_minus_mean", "spelled_minus_best", "spelled_height", "spelled_share_of_max", "spelled_found",
    )  # fmt: skip
    inputs = frozenset({"scores"})
    rising = frozenset(columns[:-1])

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        score = request.scores[:, _SPELLED]
        out[:, 0] = score
        out[:, 1] = minus_mean(score)
        out[:, 2] = minus_best(score)
        out[:, 3] = height_above(out[:, 1])
        out[:, 4] = share_of_maximum(score)
        out[:, 5] = ~np.isnan(score)
