"""A candidate's category compared with the seeds' and with the other candidates'."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import mean_of_group, minus_best, share_of_group
from shelfwise_ranker.features.request import SOURCES, FeatureRequest


class CategoryAmongCandidates(Feature):
    """The share of the sources' scores that lies in the candidate's category, and in its parent category.

    A query for "nail paint" finds nail polish and wall paint; the category that holds most of the good candidates is meant.
    Each source's scores are scaled from 0 (its worst candidate) to 1 and squared, so that the best ones dominate.
    """

    family = "category"
    columns = ("category_share_of_scores", "parent_share_of_scores")
    inputs = frozenset({"scores", "leaf", "table", "rows", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        scores, table, rows = request.scores[:, : len(SOURCES)], request.table, request.rows
        low = np.fmin.reduce(scores, axis=0, initial=np.inf)
        high = np.fmax.reduce(scores, axis=0, initial=-np.inf)
        level = (scores - low) / (high - low)  # NaN where the source did not find it, or scores all alike
        weights = np.square(np.where(level == level, level, 0.0)).sum(axis=1)
        out[:, 0] = share_of_group(weights, request.leaf)
        out[:, 1] = share_of_group(weights, table.parent[rows])
        if request.unknown is not None:
            out[request.unknown] = np.nan


class CategoryRelevance(Feature):
    """Mean relevance of a category's candidates, relative to the best category: a single product may match by chance."""

    family = "category"
    columns = ("category_meaning_minus_best", "category_words_minus_best")
    inputs = frozenset({"scores", "coverage", "leaf", "unknown"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        out[:, 0] = minus_best(mean_of_group(request.scores[:, SOURCES.index("dense")], request.leaf))
        out[:, 1] = minus_best(mean_of_group(request.coverage[:, 1], request.leaf))
        if request.unknown is not None:
            out[request.unknown] = np.nan


class SameAsSeed(Feature):
    """Whether a candidate shares category, parent category, brand or the whole text with a seed; NaN without a known seed."""

    family = "category"
    columns = ("same_category", "same_parent_category", "same_brand", "same_text")
    inputs = frozenset({"known_seeds", "table", "rows", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        seeds, table, rows = request.known_seeds, request.table, request.rows
        if not len(seeds):
            out[:] = np.nan
            return
        for position, codes in enumerate((table.leaf, table.parent, table.brand, table.text)):
            out[:, position] = (codes[rows][:, None] == codes[seeds]).any(axis=1)
        if request.unknown is not None:
            out[request.unknown] = np.nan
