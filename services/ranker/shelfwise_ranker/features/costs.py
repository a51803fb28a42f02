"""What this shop's judgements hold against a product, word by word."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest


class LearnedCosts(Feature):
    """Costs summed over the query words that the title lacks, over the title words that the query lacks, and the sum of both
    relative to the other candidates; NaN in a shop without judgements."""

    family = "text"
    columns = ("missing_words_cost", "extra_words_cost", "words_cost_minus_mean")
    inputs = frozenset({"query", "tokens", "table", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        costs = request.table.word_costs
        if costs is None:
            out[:] = np.nan
            return
        asked = request.query.numbers
        title = request.tokens[:, request.table.spans["title"]]
        same = title == asked[:, None, None]  # [words, candidates, title]
        out[:, 0] = costs.missing[asked] @ ~same.any(axis=2)
        out[:, 1] = np.where(same.any(axis=0), np.float32(0.0), costs.extra[title]).sum(axis=1)
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 2] = minus_mean(out[:, 0] + out[:, 1])
