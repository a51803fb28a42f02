"""The judgements that an encoder can learn from, and those left for the ranker that will use its vectors."""

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise_pipeline.building.texts import DistinctTexts
from shelfwise_pipeline.examples.from_judgements import TRAIN, VALIDATION, with_part
from shelfwise_pipeline.shop import Shop

ENCODERS: Final = 0.5
"""The encoder's share of the teaching queries. The ranker gets the others: on queries that taught the encoder, it would learn
to trust cosines more than it should."""

LEAST: Final = 500
"""With fewer queries, the encoder is not tuned. It gets as many when about 1,200 are judged."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A judged query with its products' texts, as the catalog embeds them, and their grades (0 to 3)."""

    query: str
    texts: list[str]
    grades: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Judged queries that teach the encoder, and others that tell whether it improved."""

    teaching: list[Lesson]
    choosing: list[Lesson]
    left: pl.DataFrame
    """JUDGEMENT_COLUMNS: all judgements except those of the queries that teach the encoder."""

    @property
    def enough(self) -> bool:
        return len(self.teaching) >= LEAST and bool(self.choosing)


def lessons_of(shop: Shop) -> Lessons:
    """Divide the judged queries. Only a query's own text decides where it goes, whatever else is judged."""
    products = shop.products.join(shop.judgements, on="product_id", how="semi")
    distinct = DistinctTexts.of(products)
    texts = products.select("product_id", text=pl.Series(distinct.texts, dtype=pl.String).gather(distinct.text_of_row))
    judgements = with_part(shop.judgements)
    known = judgements.join(texts, on="product_id", how="inner", maintain_order="left")
    teaching = judgements.filter(pl.col("part") == TRAIN).select(pl.col("query").unique(maintain_order=True))
    taken = teaching.filter(pl.col("query").map_elements(_encoders, return_dtype=pl.Boolean))
    return Lessons(
        _lessons(known.join(taken, on="query", how="semi", maintain_order="left")),
        _lessons(known.filter(pl.col("part") == VALIDATION)),
        shop.judgements.join(taken, on="query", how="anti", maintain_order="left"),
    )


def _encoders(query: str) -> bool:
    """Return whether the query teaches the encoder. Its hash differs from those of the choosing queries and of the ranker's
    folds, because those splits apply to the other queries."""
    return zlib.crc32(b"encoder " + query.encode()) % 1000 < ENCODERS * 1000


def _lessons(judged: pl.DataFrame) -> list[Lesson]:
    """Return a lesson for every query that has a product graded above 0."""
    grouped = judged.group_by("query", maintain_order=True).agg("text", "grade").filter(pl.col("grade").list.max() > 0)
    return [Lesson(query, texts, np.array(grades, np.float32)) for query, texts, grades in grouped.iter_rows()]
