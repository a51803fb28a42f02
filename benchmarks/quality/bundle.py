"""A bundle of what a task knows, made of the functions that `shelfwise build` is made of."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from benchmarks.places import CACHE
from benchmarks.quality.protocol import Known
from shelfwise.contracts.vectors import VectorSpace
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine
from shelfwise_pipeline.building.rows import in_popularity_order
from shelfwise_pipeline.building.texts import DistinctTexts
from shelfwise_pipeline.encoder.build import BuiltEncoder, build_encoder
from shelfwise_pipeline.encoder.embed_catalog import embed_texts
from shelfwise_pipeline.examples.split import split_times
from shelfwise_pipeline.training.rankers import train_rankers
from shelfwise_ranker.rank import Ranker
from shelfwise_retriever.build import build_catalog
from shelfwise_retriever.fusion import Fusion, fit_fusion
from shelfwise_retriever.retrieve import Retriever

ENCODER_CACHE = CACHE / "quality" / "encoder"
LISTED = "listed as"
"""An attribute that holds the product's id, so that a filter can name products: how a caller's list is asked today."""


@dataclass(frozen=True)
class Opened:
    """The parts of a bundle in this process, as the services hold them."""

    engine: Engine
    retriever: Retriever
    ranker: Ranker

    def query_vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """[texts, dimension], as the embedder encodes queries."""
        return encode(self.engine, texts, "query")


EncoderBuild = Callable[[Path], BuiltEncoder]
"""Fills the folder of the encoder's part."""


def real_encoder(target: Path) -> BuiltEncoder:
    """The encoder that is published; its export and its vectors are kept for the next run."""
    return build_encoder(target, cache=ENCODER_CACHE)


def build_and_open(known: Known, folder: Path, make_encoder: EncoderBuild = real_encoder, threads: int = 1) -> Opened:
    """Fill `folder` with encoder/, catalog/ and ranker/, and open them. Uses `known` and nothing else.

    Raises:
        WeightsError: there is no usable encoder checkpoint.
    """
    encoder = make_encoder(folder / "encoder")
    products = in_popularity_order(known.products, known.events, None)
    distinct = DistinctTexts.of(products)
    vectors = embed_texts(encoder.engine, distinct.texts, threads=threads, known=encoder.known)
    space = encoder.description.space
    with tempfile.TemporaryDirectory(prefix="shelfwise-training-") as training:
        split = split_times(known.events)
        then = in_popularity_order(known.products, known.events, split.train_from if split else None)
        _index(then, distinct, vectors, space, Path(training), None)
        facts = train_rankers(
            products,
            known.events,
            Retriever.open(Path(training)),
            lambda texts: encode(encoder.engine, list(texts), "query"),
            folder / "ranker",
        )
    (folder / "catalog").mkdir()
    _index(_listed(products), distinct, vectors, space, folder / "catalog", fit_fusion(facts.fusion))
    return Opened(encoder.engine, Retriever.open(folder / "catalog"), Ranker.open(folder / "ranker"))


def _index(
    products: pl.DataFrame,
    known: DistinctTexts,
    vectors: NDArray[np.float32],
    space: VectorSpace,
    target: Path,
    fusion: Fusion | None,
) -> None:
    """The catalog's part, whatever the order of `products`; `vectors` are those of `known`."""
    number_of = {text: number for number, text in enumerate(known.texts)}
    distinct = DistinctTexts.of(products)
    build_catalog(target, products, vectors[[number_of[text] for text in distinct.texts]], distinct.text_of_row, space, fusion)


def _listed(products: pl.DataFrame) -> pl.DataFrame:
    """The products with the attribute LISTED. For the index alone: the ranker reads attributes as words."""
    attributes = [
        orjson.dumps({**orjson.loads(said or "{}"), LISTED: product}).decode()
        for product, said in products.select("product_id", "attributes").iter_rows()
    ]
    return products.with_columns(attributes=pl.Series(attributes, dtype=pl.String))
