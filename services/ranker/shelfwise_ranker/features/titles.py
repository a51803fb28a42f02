"""How similar a candidate's title is to the seeds' titles: products bought together often have similar names."""

import numpy as np

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest


class TitlesAlike(Feature):
    """In both directions, weighted by word rarity: the seeds' words in the title, the title's words among the seeds'."""

    family = "text"
    columns = ("seeds_in_title", "title_in_seeds", "titles_alike_minus_mean")
    inputs = frozenset({"query", "found", "table", "rows", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        title = request.found[:, request.table.spans["title"]].sum(axis=1)
        out[:, 0] = np.minimum(title / np.float32(request.query.total), 1.0)
        out[:, 1] = np.minimum(title / request.table.totals["title"][request.rows], 1.0)
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 2] = minus_mean(out[:, 0])
