"""How close a product's words are to those of the query in meaning, word by word.

The vector of a whole title says what it is about. It does not say that "Laundry Detergents" has both words of "laundry soap",
one of them as a different word, whereas "Liquid Soap" has one of them and nothing close to the other.
"""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest

_VIEWS = ("query_words_alike", "title_words_alike", "head_word_alike", "last_word_alike")


class WordsAlike(Feature):
    """The cosine of each query word with the closest title word: the weighted mean, that of the best head word, and that of the
    last known word. `title_words_alike` is the weighted mean of each title word's cosine with the closest query word. NaN in a
    bundle without word vectors."""

    family = "likeness"
    columns = (*_VIEWS, *(f"{view}_minus_mean" for view in _VIEWS))
    inputs = frozenset({"query", "title_words", "table", "rows", "unknown"})
    rising = frozenset(f"{view}{suffix}" for view in ("query_words_alike", "head_word_alike") for suffix in ("", "_minus_mean"))

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        query, table = request.query, request.table
        vectors = table.word_vectors
        if vectors is None or not len(query.numbers):
            out[:] = np.nan
            return
        present, place = request.title_words
        asked = query.numbers[:, None]
        near = vectors.of(query.numbers) @ vectors.of(present).T
        near[present == asked] = 1.0  # also where neither has a vector
        near[:, 0] = -1.0  # PAD
        of_word = near[:, place].max(axis=1)  # [words, candidates]
        out[:, 0] = query.weights @ of_word / query.weights.sum()
        nearest = near.max(axis=0) * table.vocabulary.weights[present]
        out[:, 1] = nearest[place].sum(axis=0) / table.totals["title"][request.rows]
        heads = np.isin(query.numbers, query.heads)
        out[:, 2] = of_word[heads].max(axis=0) if heads.any() else np.nan
        out[:, 3] = of_word[-1]
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 4:] = minus_mean(out[:, :4])
