"""Splits judged queries into training, validation and held-out ones. Only the query's own words decide its part."""

import hashlib

import polars as pl

HELD_OUT, VALIDATION = 15, 30
"""Limits for the query's hash modulo 100: below HELD_OUT is held out, below VALIDATION validates, the rest trains."""


def part(query: str) -> str:
    """The part of a query: `test`, `validation` or `train`."""
    bucket = int.from_bytes(hashlib.blake2b(query.encode(), digest_size=8).digest(), "big") % 100
    return "test" if bucket < HELD_OUT else "validation" if bucket < VALIDATION else "train"


def with_part(judgements: pl.DataFrame) -> pl.DataFrame:
    """The judgements with their query's `part`."""
    queries = judgements.select(pl.col("query").unique(maintain_order=True))
    return judgements.join(
        queries.with_columns(part=pl.col("query").map_elements(part, return_dtype=pl.String)), on="query", maintain_order="left"
    )


def for_learning(judgements: pl.DataFrame) -> pl.DataFrame:
    """query, product_id, grade (relevance - 1, so that 2^grade - 1 is the gain), part. Without held-out queries."""
    return (
        with_part(judgements)
        .filter(pl.col("part") != "test")
        .select("query", "product_id", grade=pl.col("relevance") - 1, part="part")
    )
