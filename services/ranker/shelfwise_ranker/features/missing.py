"""Which words of the query a product lacks: the rarer the word, the likelier that something else was meant."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import SOURCES, FeatureRequest

_LEXICAL = SOURCES.index("lexical")


class MissingWords(Feature):
    """For "red wine", red grapes have one of the words, but not the rare one. Words that no product has are ignored.

    `nothing_rare_missing` is 1 minus the weight of the rarest word that a product lacks over that of the rarest query word.
    `lexical_per_weight` is the lexical score divided by the weight of the whole query, the most that the score could cover.
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
