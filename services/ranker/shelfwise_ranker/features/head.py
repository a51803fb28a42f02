"""Whether the query and a product name the same kind of thing, rather than only share a colour."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.request import FeatureRequest


class HeadWords(Feature):
    """`title_head_in_query`: the query contains a head word of the title, which says what the product is.
    `query_head_in_title`: the product has a head word of the query. `…_minus_best`: the same relative to the best candidate,
    which tells whether any product has the word."""

    family = "text"
    columns = ("title_head_in_query", "query_head_in_title", "title_head_minus_best", "query_head_minus_best")
    inputs = frozenset({"query", "found", "tokens_across", "table", "unknown"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        spans = request.table.spans
        out[:, 0] = (request.found[:, spans["head"]] > 0).any(axis=1)
        named = request.tokens_across[spans["title"].start : spans["rest"].stop]
        asked = request.query.heads
        out[:, 1] = (named == asked[:, None, None]).any(axis=(0, 1)) if len(asked) else np.nan
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 2:] = out[:, :2] - np.fmax.reduce(out[:, :2], axis=0, initial=0.0)
