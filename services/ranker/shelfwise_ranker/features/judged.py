"""How near the shop's judges would say that query and product are."""

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import height_above, minus_best, minus_mean
from shelfwise_ranker.features.request import FeatureRequest, sources_of

_JUDGED = sources_of("text").index("judged")


class JudgedMeaning(Feature):
    """The `judged` source's score, and against the other candidates'; NaN in a shop without judgements."""

    family = "sources"
    columns = ("judged_score", "judged_minus_mean", "judged_minus_best", "judged_height")
    inputs = frozenset({"scores"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        score = request.scores[:, _JUDGED]
        out[:, 0] = score
        out[:, 1] = minus_mean(score)
        out[:, 2] = minus_best(score)
        out[:, 3] = height_above(out[:, 1])
