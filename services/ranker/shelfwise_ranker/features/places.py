"""Where the query's words stand in a title, and how long both are.

Titles name the product near the end, and also mention what it comes with or fits: "valve" ends "brass ball valve", and stands
in the middle of "toilet fill valve repair kit". Only judgements teach this: all other training queries are made from titles
and have the titles' own shape.
"""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest


class Lengths(Feature):
    """The number of distinct words in the query and in the title, the latter also relative to the other candidates; the
    logarithm of the number of candidates: a caller's short list was chosen by somebody, the results of a search were not."""

    family = "shape"
    columns = ("query_words", "title_words", "title_words_minus_mean", "candidates")
    inputs = frozenset({"query", "table", "rows"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        out[:, 0] = len(request.query.words)
        out[:, 1] = request.table.title_words[request.rows]
        out[:, 2] = minus_mean(out[:, 1])
        out[:, 3] = np.log(len(out))


class Places(Feature):
    """How many words stand between a query word and the title's end: the mean over the known words, and the last known word's.
    A word that the title lacks counts as one place before its beginning. The mean also as a share of the title's length."""

    family = "shape"
    columns = ("words_from_end", "words_from_end_minus_mean", "share_from_end", "share_from_end_minus_mean", "last_from_end")
    inputs = frozenset({"query", "tokens", "table", "rows", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        asked = request.query.numbers
        if not len(asked):
            out[:] = np.nan
            return
        title = request.tokens[:, request.table.spans["title"]]
        length = request.table.title_words[request.rows]
        same = title == asked[:, None, None]  # [words, candidates, title]
        from_end = length - np.where(same.any(axis=2), same.argmax(axis=2) + np.float32(1.0), np.float32(0.0))
        out[:, 0] = from_end.mean(axis=0)
        out[:, 2] = out[:, 0] / np.maximum(length, np.float32(1.0))
        out[:, 4] = from_end[-1]
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, (1, 3)] = minus_mean(out[:, (0, 2)])
