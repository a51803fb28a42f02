"""How much of the query a product's words cover, and how much of the product the query covers."""

import numpy as np
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cdist

from shelfwise_ranker.amounts import amounts_in, having, having_others
from shelfwise_ranker.distinct import distinct
from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.relative import minus_best, minus_mean
from shelfwise_ranker.features.request import FeatureRequest


class Coverage(Feature):
    """Coverage weighted by idf. `query_in_x`: the share of the query found in x; `x_in_query`: the share of x in the query."""

    family = "text"
    columns = (
        "query_in_title",
        "query_in_any",  # title, brand, categories and attributes together
        "title_in_query",
        "query_in_title_minus_mean",
        "query_in_any_minus_mean",
        "title_in_query_minus_mean",
        "query_in_leaf",
        "leaf_in_query",
        "brand_in_query",  # 1: the query names the product's brand in full
        "query_in_title_minus_best",
        "query_in_any_minus_best",
    )
    inputs = frozenset({"query", "coverage", "found", "table", "rows", "unknown"})
    rising = frozenset(f"query_in_{where}{view}" for where in ("title", "any") for view in ("", "_minus_mean", "_minus_best"))

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        found, spans, rows = request.found, request.table.spans, request.rows
        totals = request.table.totals
        title = found[:, spans["title"]].sum(axis=1)
        leaf = found[:, spans["leaf"]].sum(axis=1)
        out[:, :2] = request.coverage
        out[:, 2] = np.minimum(title / totals["title"][rows], 1.0)
        out[:, 6] = np.minimum(leaf / request.query.total, 1.0)
        out[:, 7] = np.minimum(leaf / totals["leaf"][rows], 1.0)
        out[:, 8] = np.minimum(found[:, spans["brand"]].sum(axis=1) / totals["brand"][rows], 1.0)
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 3:6] = minus_mean(out[:, :3])
        out[:, 9:11] = minus_best(out[:, :2])


class Phrase(Feature):
    """The share of the query's pairs of adjacent known words that are adjacent in the title too; NaN without such pairs."""

    family = "text"
    columns = ("phrase",)
    inputs = frozenset({"query", "tokens_across", "table", "unknown"})
    rising = frozenset(columns)

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        pairs = request.query.pairs
        if not len(pairs):
            out[:] = np.nan
            return
        title = request.tokens_across[request.table.spans["title"]]
        # One number for two adjacent tokens: [pairs] against [title - 1, candidates].
        base = np.int64(len(request.table.vocabulary) + 1)
        neighbours = title[:-1] * base + title[1:]
        asked = pairs[:, 0] * base + pairs[:, 1]
        out[:, 0] = (neighbours == asked[:, None, None]).any(axis=1).sum(axis=0) / len(asked)
        if request.unknown is not None:
            out[request.unknown] = np.nan


class Sizes(Feature):
    """Numbers (sizes, counts): the share of the query's that the product has, and whether it has others instead. A number with
    a unit ("64 gb") matches where both stand together; another number with that unit ("32 GB") contradicts it."""

    family = "text"
    columns = ("numbers_matched", "numbers_contradicted")
    inputs = frozenset({"query", "tokens", "table", "rows", "unknown"})
    rising = frozenset({"numbers_matched"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        query, table = request.query, request.table
        if not query.size_count:
            out[:] = np.nan
            return
        is_number = table.vocabulary.is_number
        named = request.tokens[:, table.spans["title"].start : table.spans["rest"].stop]
        asked = amounts_in(query.pairs, is_number, table.units)
        alone = query.sizes[~np.isin(query.sizes, asked[:, 0])]
        amounts = having(asked, table, request.rows)
        matched = amounts.sum(axis=0) + (named == alone[:, None, None]).any(axis=2).sum(axis=0)
        # "12 oz, 12 pack" are two amounts with one number.
        out[:, 0] = matched / (query.size_count - len(distinct(asked[:, 0])) + len(asked))
        out[:, 1] = (matched == 0) & table.has_number[request.rows]
        if len(asked):
            out[:, 1] = (having_others(asked, named, is_number) & ~amounts).any(axis=0)
        if request.unknown is not None:
            out[request.unknown] = np.nan


class Characters(Feature):
    """Character similarity, words in alphabetical order: finds what stems and tokens miss (typos, compounds)."""

    family = "text"
    columns = ("characters_alike", "characters_alike_minus_mean", "query_characters_in_title")
    inputs = frozenset({"query", "table", "rows", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        asked = request.query.sorted_text
        titles = request.table.sorted_titles
        spelt = list(map(titles.__getitem__, request.rows.tolist()))
        common = cdist([asked], spelt, scorer=LCSseq.similarity, dtype=np.float32)[0]
        lengths = request.table.sorted_lengths[request.rows]
        out[:, 0] = 2.0 * common / np.maximum(lengths + len(asked), 1)
        out[:, 2] = common / max(len(asked), 1)
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 1] = minus_mean(out[:, 0])
