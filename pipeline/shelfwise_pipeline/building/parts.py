"""Makes the three parts of a bundle from data in memory, for `shelfwise build` and for the benchmarks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.bundle.arriving import temporary
from shelfwise.contracts.vectors import VectorSpace
from shelfwise_embedder.description import EncoderDescription
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.onnx import TOKENIZER_FILE
from shelfwise_pipeline.behavior import fit_behavior
from shelfwise_pipeline.building.chance import chance_of
from shelfwise_pipeline.building.rows import in_popularity_order
from shelfwise_pipeline.building.texts import DistinctTexts
from shelfwise_pipeline.encoder.build import BuiltEncoder
from shelfwise_pipeline.encoder.dictionary import dictionary_words
from shelfwise_pipeline.encoder.embed_catalog import embed_texts
from shelfwise_pipeline.encoder.export import RECIPE
from shelfwise_pipeline.encoder.vector_cache import VectorFile
from shelfwise_pipeline.encoder.words import whole_words, word_vectors
from shelfwise_pipeline.examples.lexicon import Words
from shelfwise_pipeline.progress import Advance, Steps
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.facts import RankerFacts
from shelfwise_pipeline.training.plan import Plan
from shelfwise_pipeline.training.rankers import train_rankers
from shelfwise_retriever.behavior import Behavior
from shelfwise_retriever.build import build_catalog
from shelfwise_retriever.chance import Chance
from shelfwise_retriever.fusion import Fusion
from shelfwise_retriever.fusion_fit import fit_fusion
from shelfwise_retriever.retrieve import Retriever

EncoderBuild = Callable[[Path], BuiltEncoder]
"""Fills the folder of the encoder part."""


@dataclass(frozen=True)
class Parts:
    """The contents of the folders encoder/, catalog/ and ranker/, for the manifest and for further use."""

    encoder: BuiltEncoder
    description: EncoderDescription
    catalog: dict[str, Any]
    ranker: RankerFacts


@dataclass(frozen=True, slots=True)
class _Embedded:
    """The vectors of the catalog's distinct texts, independent of the order of its rows."""

    number_of: dict[str, int]
    vectors: NDArray[np.float32]
    space: VectorSpace

    def of(self, distinct: DistinctTexts) -> NDArray[np.float32]:
        """[len(distinct.texts), dimension], in their order."""
        return self.vectors[[self.number_of[text] for text in distinct.texts]]


def make_parts(
    shop: Shop,
    target: Path,
    make_encoder: EncoderBuild,
    words_cache: Path,
    steps: Steps,
    plan: Plan | None = None,
    threads: int = 2,
) -> Parts:
    """Fill `target` with encoder/, catalog/ and ranker/, as the services open them. Uses only `shop`.

    `words_cache`: where the vectors of the language's words are kept between builds. `plan`: the amount of training. `threads`:
    how many threads embed the catalog.

    Raises:
        WeightsError: there is no usable encoder checkpoint.
        CatalogTooSmall: nothing in the catalog finds anything else.
    """
    encoder_folder, catalog_folder, ranker_folder = (target / name for name in ("encoder", "catalog", "ranker"))
    catalog_folder.mkdir(exist_ok=True)
    with steps.step("preparing the encoder"):
        encoder = make_encoder(encoder_folder)
    ordered = replace(shop, products=in_popularity_order(shop.products, shop.events, None))
    distinct = DistinctTexts.of(ordered.products)
    with steps.step("embedding the catalog's texts") as advance:
        vectors = embed_texts(encoder.engine, distinct.texts, threads=threads, known=encoder.known, progress=advance)
    with steps.step("measuring the encoder's fidelity"):
        description = encoder.measured(distinct.texts, vectors)
    embedded = _Embedded({text: number for number, text in enumerate(distinct.texts)}, vectors, description.space)
    with steps.step("embedding the words of the language"):
        words = _words(encoder, words_cache)
    with steps.step("training the rankers") as advance:
        ranker = _train(ordered, embedded, encoder, words, ranker_folder, advance, plan)
    with steps.step("learning which products go together"):
        behavior = fit_behavior(ordered.products["product_id"].to_list(), ordered.events)
    with steps.step("indexing the catalog") as advance:
        fusion = fit_fusion(ranker.fusion)
        chance = chance_of(embedded.vectors, lambda texts: encode(encoder.engine, list(texts), "query"))
        catalog = _index(
            ordered.products,
            embedded,
            catalog_folder,
            words,
            behavior,
            fusion=fusion,
            meaning=ranker.meaning,
            chance=chance,
            progress=advance,
        )
    return Parts(encoder, description, catalog, ranker)


def _words(encoder: BuiltEncoder, cache: Path) -> Words:
    """Return the words that the tokenizer knows, with their vectors, which are kept in `cache` between builds. If it knows any,
    it is an English tokenizer, and a dictionary adds more words."""
    words = whole_words(encoder.folder / TOKENIZER_FILE)
    known = VectorFile(cache / f"words-{encoder.digest[:16]}-{RECIPE}.safetensors") if encoder.digest else None
    return Words(words, word_vectors(encoder.engine, words, known), dictionary_words() if words else ())


def _train(
    ordered: Shop, embedded: _Embedded, encoder: BuiltEncoder, words: Words, target: Path, advance: Advance, plan: Plan | None
) -> RankerFacts:
    split = ordered.periods()
    # Examples are retrieved from a catalog in the order known when the first of them happened.
    known_then = in_popularity_order(ordered.products.drop("popularity"), ordered.events, split.train_from if split else None)
    with temporary("training") as folder:
        behavior = fit_behavior(known_then["product_id"].to_list(), ordered.events, split.train_from) if split else None
        _index(known_then, embedded, folder, words, behavior)
        return train_rankers(
            ordered,
            Retriever.open(folder),
            lambda texts: encode(encoder.engine, list(texts), "query"),
            target,
            advance,
            plan=plan,
            words=words,
        )


def _index(
    products: pl.DataFrame,
    embedded: _Embedded,
    target: Path,
    words: Words,
    behavior: Behavior | None,
    *,
    fusion: Fusion | None = None,
    meaning: NDArray[np.float32] | None = None,
    chance: Chance | None = None,
    progress: Advance = lambda done, total: None,
) -> dict[str, Any]:
    """Write the catalog part of these products; see `build_catalog`."""
    distinct = DistinctTexts.of(products)
    return build_catalog(
        target,
        products,
        embedded.of(distinct),
        distinct.text_of_row,
        embedded.space,
        fusion=fusion,
        known_words=words.known,
        behavior=behavior,
        meaning=meaning,
        chance=chance,
        progress=progress,
    )
