"""Makes a bundle from what a task knows, with the function that `shelfwise build` uses."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.places import CACHE
from benchmarks.quality.protocol import Known
from benchmarks.quality.rankings import known_bytes
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine
from shelfwise_pipeline.building.parts import EncoderBuild, make_parts
from shelfwise_pipeline.encoder.build import BuiltEncoder, build_encoder
from shelfwise_pipeline.encoder.tuning.tune import tuned
from shelfwise_pipeline.encoder.vector_cache import VectorFile
from shelfwise_pipeline.examples.split import Split
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.plan import Plan
from shelfwise_ranker.rank import Ranker
from shelfwise_retriever.retrieve import Retriever

ENCODER_CACHE = CACHE / "quality" / "encoder"


@dataclass(frozen=True)
class Opened:
    """The parts of a bundle, opened in this process as the services open them."""

    engine: Engine
    retriever: Retriever
    ranker: Ranker

    def query_vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """[texts, dimension], as the embedder encodes queries."""
        return encode(self.engine, texts, "query")


class LastBundle:
    """Keeps the bundle of a task for the next one, which uses it if it knows the same and has the same plan. So three tasks of
    one shop do not build it three times."""

    def __init__(self) -> None:
        self._of = ""
        self._opened: Opened | None = None

    def of(self, known: Known, plan: Plan | None, build: Callable[[], Opened]) -> Opened:
        """The last bundle if it was made from the same `known` and `plan`, otherwise `build()`."""
        digest = hashlib.sha256(repr(plan).encode())
        for part in known_bytes(known):
            digest.update(part)
        if self._opened is None or self._of != digest.hexdigest():
            self._opened = None  # some machines cannot hold two bundles
            self._opened, self._of = build(), digest.hexdigest()
        return self._opened


@dataclass(frozen=True)
class RealEncoder:
    """The encoder at `source`, a folder or hub id; by default, the published one. Its files are kept in `cache` for the next
    run."""

    source: str | None = None
    cache: Path = ENCODER_CACHE

    def __call__(self, target: Path) -> BuiltEncoder:
        """Fill `target`, the folder of the bundle's encoder."""
        return build_encoder(target, cache=self.cache, source=self.source)


def build_and_open(
    known: Known,
    folder: Path,
    make_encoder: EncoderBuild | None = None,
    plan: Plan | None = None,
    threads: int = 1,
    tune: bool = False,
    real: RealEncoder = RealEncoder(),
) -> Opened:
    """Fill `folder` with encoder/, catalog/ and ranker/, and open them. Uses `known` and nothing else.

    `plan`: how much to train; by default, that of a build. `make_encoder`: by default, `real`. `tune`: as with
    SHELFWISE_TUNE_ENCODER, tune `real` on the judgements, if there are any, and use it in place of `make_encoder`.

    Raises:
        WeightsError: there is no usable encoder checkpoint.
    """
    quiet = Steps(Console(quiet=True))

    shop, make, cache = shop_of(known), make_encoder or real, real.cache
    if tune:
        chosen = tuned(shop, real.cache, lambda done, total: None, real.source)
        make, cache = chosen.build, chosen.cache
        shop = replace(shop, judgements=chosen.judgements)

    def encoder(target: Path) -> BuiltEncoder:
        return _with_own_vectors(make(target), known.products, cache)

    parts = make_parts(shop, folder, encoder, cache, quiet, plan, threads)
    return Opened(parts.encoder.engine, Retriever.open(folder / "catalog"), Ranker.open(folder / "ranker"))


def _with_own_vectors(built: BuiltEncoder, products: pl.DataFrame, cache: Path) -> BuiltEncoder:
    """The same encoder with its own vector file for these products. A file for all shops would hold only the last shop's."""
    if built.known is None:
        return built
    ids = hashlib.sha256("\0".join(products["product_id"].sort()).encode()).hexdigest()[:12]
    return replace(built, known=VectorFile(cache / f"vectors-{built.description.space.model}-{ids}.safetensors"))


def shop_of(known: Known) -> Shop:
    """`known` as the pipeline's Shop. The last period before the moment is for validation; no period is left for a test."""
    split = None
    if known.moment is not None and known.labels_from is not None and known.validation_from is not None:
        split = Split(known.labels_from, known.validation_from, known.moment, known.moment)
    return Shop(known.products, known.events, known.judgements, split)
