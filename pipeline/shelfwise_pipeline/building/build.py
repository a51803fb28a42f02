"""A bundle from the database: read, embed, train on what was known at the time, index what is known now."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg
from numpy.typing import NDArray

from shelfwise import __version__
from shelfwise.bundle import SCHEMA, BundleWriter, Manifest
from shelfwise.contracts.vectors import VectorSpace
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.onnx import TOKENIZER_FILE
from shelfwise_pipeline.building.retention import keep_newest
from shelfwise_pipeline.building.rows import in_popularity_order
from shelfwise_pipeline.building.texts import DistinctTexts
from shelfwise_pipeline.encoder.build import BuiltEncoder, build_encoder
from shelfwise_pipeline.encoder.embed_catalog import embed_texts
from shelfwise_pipeline.encoder.export import RECIPE
from shelfwise_pipeline.encoder.vector_cache import VectorFile
from shelfwise_pipeline.encoder.words import whole_words, word_vectors
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.examples.lexicon import Words
from shelfwise_pipeline.examples.split import split_times
from shelfwise_pipeline.importing import fingerprint, read_events, read_products, snapshot
from shelfwise_pipeline.progress import Advance, Steps
from shelfwise_pipeline.settings import PipelineSettings
from shelfwise_pipeline.training.facts import RankerFacts
from shelfwise_pipeline.training.rankers import train_rankers
from shelfwise_retriever.build import build_catalog
from shelfwise_retriever.fusion import Fusion, fit_fusion
from shelfwise_retriever.retrieve import Retriever


class EmptyCatalog(PipelineError):
    """There is nothing to build from."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What the database holds at one moment."""

    products: pl.DataFrame
    events: pl.DataFrame
    last_change: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of the catalog's distinct texts, whatever the order of its rows."""

    number_of: dict[str, int]
    vectors: NDArray[np.float32]
    space: VectorSpace

    def of(self, distinct: DistinctTexts) -> NDArray[np.float32]:
        """[len(distinct.texts), dimension], in their order."""
        return self.vectors[[self.number_of[text] for text in distinct.texts]]


def fingerprint_of(connection: psycopg.Connection[Any]) -> str:
    """What a bundle built now would be made from: the data's state, and the code's."""
    return _fingerprint(fingerprint(connection).digest)


def build(connection: psycopg.Connection[Any], settings: PipelineSettings, steps: Steps) -> Manifest:
    """Make a bundle of the database's present state and put it in place; publishing it is the caller's decision.

    Raises:
        EmptyCatalog: the database has no products.
        WeightsError: there is no usable encoder checkpoint.
    """
    with steps.step("reading the shop"):
        shop = _read(connection)
    if shop.products.is_empty():
        raise EmptyCatalog("expected products in the database, found none; import some first")
    with BundleWriter(settings.bundles) as writer:
        with steps.step("preparing the encoder"):
            encoder = build_encoder(writer.part("encoder"), cache=settings.var / "cache" / "encoder")
        products = in_popularity_order(shop.products, shop.events, None)
        distinct = DistinctTexts.of(products)
        with steps.step("embedding the catalog's texts") as advance:
            vectors = embed_texts(encoder.engine, distinct.texts, known=encoder.known, progress=advance)
        with steps.step("measuring the encoder's fidelity"):
            description = encoder.measured(distinct.texts, vectors)
        embedded = Embedded({text: number for number, text in enumerate(distinct.texts)}, vectors, description.space)
        with steps.step("embedding the words of the language"):
            words = _words(encoder, settings.var / "cache" / "encoder")
        with steps.step("training the rankers") as advance:
            ranker = _train(shop, products, embedded, encoder, words, writer.part("ranker"), advance)
        with steps.step("indexing the catalog") as advance:
            catalog = _index(products, embedded, writer.part("catalog"), fit_fusion(ranker.fusion), words, advance)
        manifest = writer.finish(
            data_fingerprint=shop.fingerprint,
            last_change=shop.last_change,
            encoder=description.model_dump(mode="json", exclude={"probe"}),
            catalog=catalog,
            features=ranker.features,
            evaluation={
                "trained_on": ranker.trained_on,
                "trees": ranker.trees,
                "rows": [asdict(row) for row in ranker.evaluation],
            },
        )
    keep_newest(settings.bundles, settings.keep_bundles)
    return manifest


def _read(connection: psycopg.Connection[Any]) -> Shop:
    with snapshot(connection):
        state = fingerprint(connection)
        return Shop(read_products(connection), read_events(connection), state.last_change, _fingerprint(state.digest))


def _fingerprint(data_digest: str) -> str:
    return f"{data_digest}/{__version__}/{SCHEMA}"


def _words(encoder: BuiltEncoder, cache: Path) -> Words:
    """The words that the tokenizer knows, with their vectors, which are kept in `cache` from one build to the next."""
    words = whole_words(encoder.folder / TOKENIZER_FILE)
    sha256 = encoder.description.source_sha256
    known = VectorFile(cache / f"words-{sha256[:16]}-{RECIPE}.safetensors") if sha256 else None
    return Words(words, word_vectors(encoder.engine, words, known))


def _train(
    shop: Shop, products: pl.DataFrame, embedded: Embedded, encoder: BuiltEncoder, words: Words, target: Path, advance: Advance
) -> RankerFacts:
    split = split_times(shop.events)
    # Examples are retrieved from a catalog in the order that was known when the first of them happened.
    known_then = in_popularity_order(shop.products, shop.events, split.train_from if split else None)
    with tempfile.TemporaryDirectory(prefix="shelfwise-training-") as folder:
        _index(known_then, embedded, Path(folder), None, words)
        return train_rankers(
            products,
            shop.events,
            Retriever.open(Path(folder)),
            lambda texts: encode(encoder.engine, list(texts), "query"),
            target,
            advance,
            words=words,
        )


def _index(
    products: pl.DataFrame,
    embedded: Embedded,
    target: Path,
    fusion: Fusion | None,
    words: Words,
    advance: Advance | None = None,
) -> dict[str, Any]:
    distinct = DistinctTexts.of(products)
    told = None if advance is None else lambda what, done, total: advance(done, total)
    vectors = embedded.of(distinct)
    return build_catalog(target, products, vectors, distinct.text_of_row, embedded.space, fusion, told, known_words=words.words)
