"""home-depot-relevance: 74,067 graded (query, title) pairs of a do-it-yourself shop."""

import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.data.place import DataPlace
from benchmarks.quality.task import Dataset


def read(place: DataPlace) -> Dataset:
    """Relevance is from 1 (irrelevant) to 3 (perfect), the mean of several judges. A pair judged twice gets the mean."""
    raw = pl.read_csv(place.file("home-depot-relevance", "judgements.csv.gz"), schema_overrides={"product_uid": pl.String})
    products = raw.group_by("product_uid", maintain_order=True).agg(pl.col("product_title").first().str.strip_chars())
    judgements = (
        raw.select(query=pl.col("search_term").str.strip_chars(), product_id="product_uid", relevance="relevance")
        .group_by("query", "product_id", maintain_order=True)
        .agg(pl.col("relevance").mean())
    )
    catalog = canonical.products(products.rename({"product_uid": "product_id", "product_title": "title"}))
    return Dataset(catalog, canonical.NO_LINES, judgements)
