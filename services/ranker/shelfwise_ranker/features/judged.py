"""How close the shop's judges would consider the query and a product to be."""

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import against_the_others
from shelfwise_ranker.features.request import FeatureRequest, sources_of

_JUDGED = sources_of("text").index("judged")


class JudgedMeaning(Feature):
    """The score of the `judged` source, by itself and relative to the other candidates; NaN in a shop without judgements."""

    family = "sources"
    columns = ("judged_score", "judged_minus_mean", "judged_minus_best", "judged_height")
    inputs = frozenset({"scores"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        against_the_others(request.scores[:, _JUDGED], out)
