"""Judged questions: each query once with the graded products, once against the whole catalog."""

import hashlib
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from shelfwise_pipeline.examples.histories import graded
from shelfwise_pipeline.examples.question import NOBODY, Question
from shelfwise_ranker.products import ProductTable

TRAIN, VALIDATION = "train", "validation"

CHOOSING = 15
"""The percentage of queries that choose, by hash. Only the query's text decides, whatever else is judged."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions of one part, query by query in the same order."""

    listed: list[Question]
    """The graded products are the only candidates, as in a caller's own list."""
    searched: list[Question]
    """The candidates are what the retriever finds. Products without a grade count as irrelevant."""


def part_of(query: str) -> str:
    """Return whether a query teaches or chooses."""
    bucket = int.from_bytes(hashlib.blake2b(query.encode(), digest_size=8).digest(), "big") % 100
    return VALIDATION if bucket < CHOOSING else TRAIN


def with_part(judgements: pl.DataFrame) -> pl.DataFrame:
    """Return `judgements` with a column `part` that tells whether each query teaches or chooses: as given, or else `part_of`
    it."""
    if "part" in judgements.columns:
        return judgements
    queries = judgements.select(pl.col("query").unique(maintain_order=True))
    parts = queries.with_columns(part=pl.col("query").map_elements(part_of, return_dtype=pl.String))
    return judgements.join(parts, on="query", how="left", maintain_order="left")


def judged_questions(judgements: pl.DataFrame, table: ProductTable, moment: float, seed: int) -> dict[str, Judged]:
    """Return the questions of each part, in an order drawn with `seed`, all asked at `moment`.

    `judgements`: query, product_id, grade (0 to 3, may be fractional), and `part` if the queries are split already. Products
    missing from the catalog are left out, and so are queries without a product graded above 0.
    """
    known = with_part(judgements).with_columns(row=pl.Series(table.rows(judgements["product_id"].to_list()), dtype=pl.Int32))
    graded_rows = known.filter(pl.col("row") >= 0).sort("query", "row")
    queries = graded_rows.group_by("query", maintain_order=True).agg("row", "grade", pl.col("part").first())
    parts = {TRAIN: Judged([], []), VALIDATION: Judged([], [])}
    drawn = np.random.default_rng(seed).permutation(queries.height).tolist()
    for query in queries[drawn].iter_rows(named=True):
        rows, grades = np.array(query["row"], dtype=np.int32), np.array(query["grade"], dtype=np.float32)
        if not grades.max() > 0:
            continue
        into = parts[query["part"]]
        best = tuple(sorted(grades.tolist(), reverse=True))
        grade = partial(graded, wanted=rows, grades=grades)
        into.listed.append(Question("text", moment, query["query"], NOBODY, grade, best, tuple(rows.tolist())))
        into.searched.append(Question("text", moment, query["query"], NOBODY, grade, best))
    return parts
