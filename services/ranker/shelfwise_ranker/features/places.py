"""Where in a title the query's words stand, and how long both are.

Titles say what a thing is near the end, and go on about what it comes with or fits: «valve» ends «brass ball valve», and
stands in the middle of «toilet fill valve repair kit». Only judgements teach this: queries that are made of titles, as all
others are, have the titles' own shape.
"""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest


class Lengths(Feature):
    """Distinct words of the query and of the title, the latter also against the other candidates; the logarithm of how many
    candidates there are: a caller's short list was chosen by somebody, what a search finds was not."""

    family = "shape"
    columns = ("query_words", "title_words", "title_words_minus_mean", "candidates")
    inputs = frozenset({"query", "table", "rows"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        out[:, 0] = len(request.query.words)
        out[:, 1] = request.table.title_words[request.rows]
        out[:, 2] = minus_mean(out[:, 1])
        out[:, 3] = np.log(len(out))


class Places(Feature):
    """How many words stand between a word of the query and the title's end, the mean of the known words and of the last one;
    a word that the title lacks counts as one before its beginning. The mean also as a part of the title's length."""

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
