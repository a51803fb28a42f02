"""What a candidate has in common with the other good candidates: the query is taken to mean what most of them are."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.vocabulary import PAD

LEAST = 0.01
"""The least sum of the other candidates' relevance; below it, rounding errors would dominate."""


class Agreement(Feature):
    """How much of the other candidates' relevance lies in candidates that share a word of the title.

    `words_shared` is the weighted mean over all words of the title, `unasked_words_shared` the mean over those that the query
    lacks. `head_shared` is the relevance of candidates with the same head word. `words_common` is the mean share of all
    candidates, relevant or not, that have a word of the title.
    """

    family = "likeness"
    columns = (
        "words_shared",
        "words_shared_minus_mean",
        "unasked_words_shared",
        "unasked_words_shared_minus_mean",
        "head_shared",
        "head_shared_minus_mean",
        "words_common",
        "words_common_minus_mean",
    )
    inputs = frozenset({"query", "tokens", "title_words", "table", "rows", "relevance", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        table = request.table
        relevance = request.relevance if request.unknown is None else np.where(request.unknown, 0.0, request.relevance)
        others = np.maximum(relevance.sum() - relevance, LEAST)
        present, place = request.title_words
        width, count = place.shape
        weights = table.vocabulary.weights[present]
        asked = np.isin(present, request.query.numbers)
        mass = np.bincount(place.ravel(), np.tile(relevance, width), len(present))
        # Summed over a title's words: the relevance of all candidates with the word, minus that of this candidate.
        every = table.totals["title"][request.rows]
        unasked = np.where(asked, 0.0, weights)[place].sum(axis=0)
        out[:, 0] = ((mass * weights)[place].sum(axis=0) / every - relevance) / others
        out[:, 2] = ((mass * np.where(asked, 0.0, weights))[place].sum(axis=0) / unasked - relevance) / others
        head = request.tokens[:, table.spans["head"].start]
        distinct, group = np.unique(head, return_inverse=True)
        of_head = np.bincount(group, relevance, len(distinct))[group]
        out[:, 4] = np.where(head != PAD, (of_head - relevance) / others, np.nan)
        times = np.bincount(place.ravel(), minlength=len(present)).astype(np.float32)
        times[0] = 0.0  # PAD
        out[:, 6] = times[place].sum(axis=0) / (table.title_words[request.rows] * count)
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 1::2] = minus_mean(out[:, ::2])
