"""What an encoder can learn from, and what is left to learn from for the ranker that is going to use its vectors."""

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.product import document_text
from shelfwise_pipeline.examples.from_judgements import TRAIN, VALIDATION, part_of
from shelfwise_pipeline.shop import Shop

ENCODERS: Final = 0.5
"""The part of the queries that teach which the encoder gets. The ranker gets the others: of queries that taught the encoder
it would learn that cosines are to be trusted more than they are."""

LEAST: Final = 500
"""Queries for the encoder, below which it is left as it is; it has them when some 1,200 are judged."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A judged query with its products' texts, as the catalog embeds them, and their grades (0 to 3)."""

    query: str
    texts: list[str]
    grades: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Judged queries that teach the encoder, and others that tell whether it got better."""

    teaching: list[Lesson]
    choosing: list[Lesson]
    left: pl.DataFrame
    """JUDGEMENT_COLUMNS: all judgements but those of the queries that teach the encoder."""

    @property
    def enough(self) -> bool:
        return len(self.teaching) >= LEAST and bool(self.choosing)


def lessons_of(shop: Shop) -> Lessons:
    """Divide the judged queries; each by its own words, whatever else is judged."""
    products = shop.products.join(shop.judgements, on="product_id", how="semi").select(
        "product_id",
        text=pl.struct("title", "category").map_elements(
            lambda one: document_text(one["title"], one["category"] or []), return_dtype=pl.String
        ),
    )
    queries = shop.judgements.select(pl.col("query").unique(maintain_order=True))
    if "part" in shop.judgements.columns:
        queries = shop.judgements.select("query", "part").unique(subset="query", maintain_order=True)
    else:
        queries = queries.with_columns(part=pl.col("query").map_elements(part_of, return_dtype=pl.String))
    encoders = pl.col("query").map_elements(_encoders, return_dtype=pl.Boolean)
    queries = queries.with_columns(encoders=(pl.col("part") == TRAIN) & encoders)
    taken = queries.filter("encoders").select("query")
    known = shop.judgements.select("query", "product_id", "grade").join(
        products, on="product_id", how="inner", maintain_order="left"
    )
    return Lessons(
        _lessons(known.join(taken, on="query", how="semi", maintain_order="left")),
        _lessons(known.join(queries.filter(pl.col("part") == VALIDATION), on="query", how="semi", maintain_order="left")),
        shop.judgements.join(taken, on="query", how="anti", maintain_order="left"),
    )


def _encoders(query: str) -> bool:
    """Not by the hash that says which queries choose, nor by that of the ranker's folds: these are of what is left."""
    return zlib.crc32(b"encoder " + query.encode()) % 1000 < ENCODERS * 1000


def _lessons(judged: pl.DataFrame) -> list[Lesson]:
    """Of every query that has a product of any worth."""
    grouped = judged.group_by("query", maintain_order=True).agg("text", "grade").filter(pl.col("grade").list.max() > 0)
    return [Lesson(query, texts, np.array(grades, np.float32)) for query, texts, grades in grouped.iter_rows()]
