"""Questions that people have judged: each query once with the products that were graded, once against the whole catalog."""

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
"""Of a hundred queries, by hash, those that choose; a query's own words decide, whatever else is judged."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions of one purpose, query by query in the same order."""

    listed: list[Question]
    """The graded products are the only candidates: what a caller's own list is like."""
    searched: list[Question]
    """Candidates are what the retriever finds; what was not graded is taken for irrelevant."""


def part_of(query: str) -> str:
    """Whether a query teaches or chooses."""
    bucket = int.from_bytes(hashlib.blake2b(query.encode(), digest_size=8).digest(), "big") % 100
    return VALIDATION if bucket < CHOOSING else TRAIN


def with_part(judgements: pl.DataFrame) -> pl.DataFrame:
    """`judgements` with a column `part` that says of each query whether it teaches or chooses: as given, else `part_of` it."""
    if "part" in judgements.columns:
        return judgements
    queries = judgements.select(pl.col("query").unique(maintain_order=True))
    parts = queries.with_columns(part=pl.col("query").map_elements(part_of, return_dtype=pl.String))
    return judgements.join(parts, on="query", how="left", maintain_order="left")


def judged_questions(judgements: pl.DataFrame, table: ProductTable, moment: float, seed: int) -> dict[str, Judged]:
    """The questions of each part, in an order drawn with `seed`, all asked at `moment`.

    `judgements`: query, product_id, grade (0 to 3, fractions welcome), and `part` where someone else has split the queries.
    Products that the catalog lacks are left out, and so are queries without a product of any worth.
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
