"""home-depot-relevance: 74,067 graded (query, title) pairs of a do-it-yourself shop."""

import hashlib

import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.data.place import DataPlace
from benchmarks.quality.task import Dataset

HELD_OUT, VALIDATION = 15, 30
"""Of a hundred queries, by hash: below the first is held out, below the second validates, the rest trains."""


def read(place: DataPlace) -> Dataset:
    """Relevance is 1 (irrelevant) to 3 (perfect), the mean of several people. A pair judged twice has the mean."""
    raw = pl.read_csv(place.file("home-depot-relevance", "judgements.csv.gz"), schema_overrides={"product_uid": pl.String})
    products = raw.group_by("product_uid", maintain_order=True).agg(pl.col("product_title").first().str.strip_chars())
    judgements = (
        raw.select(query=pl.col("search_term").str.strip_chars(), product_id="product_uid", relevance="relevance")
        .group_by("query", "product_id", maintain_order=True)
        .agg(pl.col("relevance").mean())
    )
    catalog = canonical.products(products.rename({"product_uid": "product_id", "product_title": "title"}))
    return Dataset(catalog, canonical.NO_LINES, judgements)


def part(query: str) -> str:
    """`test`, `validation` or `train`: a query's own words decide, whatever else is in the file."""
    bucket = int.from_bytes(hashlib.blake2b(query.encode(), digest_size=8).digest(), "big") % 100
    return "test" if bucket < HELD_OUT else "validation" if bucket < VALIDATION else "train"


def with_part(judgements: pl.DataFrame) -> pl.DataFrame:
    """The judgements with their query's `part`."""
    queries = judgements.select(pl.col("query").unique(maintain_order=True))
    return judgements.join(
        queries.with_columns(part=pl.col("query").map_elements(part, return_dtype=pl.String)), on="query", maintain_order="left"
    )


def for_learning(judgements: pl.DataFrame) -> pl.DataFrame:
    """query, product_id, grade (relevance - 1, so that 2^grade - 1 is the gain), part; without the queries held out."""
    return (
        with_part(judgements)
        .filter(pl.col("part") != "test")
        .select("query", "product_id", grade=pl.col("relevance") - 1, part="part")
    )
