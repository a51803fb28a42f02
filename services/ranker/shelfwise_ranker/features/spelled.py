"""How similar the spelling of the query and of a title is."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import against_the_others, share_of_maximum
from shelfwise_ranker.features.request import FeatureRequest, sources_of

_SPELLED = sources_of("text").index("spelled")


class Spelled(Feature):
    """The score of the `spelled` source, by itself and relative to the other candidates; whether it found the candidate."""

    family = "sources"
    columns = (
        "spelled_score", "spelled_minus_mean", "spelled_minus_best", "spelled_height", "spelled_share_of_max", "spelled_found",
    )  # fmt: skip
    inputs = frozenset({"scores"})
    rising = frozenset(columns[:-1])

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        score = request.scores[:, _SPELLED]
        against_the_others(score, out[:, :4])
        out[:, 4] = share_of_maximum(score)
        out[:, 5] = ~np.isnan(score)
