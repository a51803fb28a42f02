"""What a product lacks of the query: the rarer the word, the more it says that something else was meant."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import SOURCES, FeatureRequest

_LEXICAL = SOURCES.index("lexical")


class MissingWords(Feature):
    """«red wine»: red grapes have a word of it, but not the rare one. Words that no product of the shop has are left aside.

    `nothing_rare_missing` is 1 minus the weight of the rarest word that a product lacks, over that of the rarest word asked.
    `lexical_per_weight` is the lexical score against what it could at best be about, the weight of the query.
    """

    family = "text"
    columns = ("nothing_rare_missing", "words_found", "lexical_per_weight", "words_found_minus_mean")
    inputs = frozenset({"query", "tokens_across", "table", "scores", "unknown"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        query = request.query
        out[:, 2] = request.scores[:, _LEXICAL] / np.float32(query.total)
        if not len(query.numbers):
            out[:, (0, 1, 3)] = np.nan
            return
        spans = request.table.spans
        tokens = request.tokens_across[spans["title"].start : spans["rest"].stop]
        had = (tokens == query.numbers[:, None, None]).any(axis=1)  # [words, candidates]
        for number, stands_for in zip(query.together, query.parts, strict=True):
            had[stands_for] |= (tokens == number).any(axis=0)
        out[:, 0] = 1.0 - np.where(had, 0.0, query.weights[:, None]).max(axis=0) / query.weights.max()
        out[:, 1] = had.sum(axis=0) / len(had)
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 3] = minus_mean(out[:, 1])
