"""Builds the `catalog` part of a bundle."""

import base64
from collections.abc import Callable, Collection
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import RetrieveRequest
from shelfwise.contracts.vectors import EncodedVectors, VectorSpace
from shelfwise_retriever import frame
from shelfwise_retriever.behavior import Behavior
from shelfwise_retriever.chance import FILE as CHANCE_FILE
from shelfwise_retriever.chance import Chance
from shelfwise_retriever.dense_build import build_index
from shelfwise_retriever.documents import documents_of
from shelfwise_retriever.fusion import FILE as FUSION_FILE
from shelfwise_retriever.fusion import Fusion
from shelfwise_retriever.lexical_build import build_lexical
from shelfwise_retriever.retrieve import BEHAVIOR_FOLDER, LEXICAL_FOLDER, VECTORS_FILE
from shelfwise_retriever.sources.judged import write_meaning
from shelfwise_retriever.vectors import write_vectors
from shelfwise_retriever.warm import FILE as WARMUP_FILE

_WARMUPS = 32
_STEPS = 4


def build_catalog(
    target: Path,
    products: pl.DataFrame,
    vectors: NDArray[np.float32],
    text_of_row: NDArray[np.int32],
    space: VectorSpace,
    *,
    fusion: Fusion | None = None,
    known_words: Collection[str] = (),
    behavior: Behavior | None = None,
    meaning: NDArray[np.float32] | None = None,
    chance: Chance | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Write everything that the retriever opens into `target`; return the facts for the manifest.

    Args:
        products: one row per product, most popular first; the order is final. See `frame.COLUMNS`.
        vectors: [m, space.dimension], one per distinct text.
        text_of_row: [n], the vector number of each product.
        space: the space of the vectors; questions from another space are refused.
        fusion: the order of the union without a ranker; None: default weights.
        known_words: words of the language, which are never corrected in a question.
        behavior: fitted for these products in this order; None: that of a shop without events.
        meaning: [dimension, dimension], the map learned from the shop's judgements, if it has any.
        chance: the similarity that a meaningless text reaches with these vectors; None: answers do not contain it.
        progress: called with (steps done, total steps).

    Raises:
        ValueError: the arguments do not fit together.
    """
    _require_fitting(products, vectors, text_of_row, space)
    if behavior is not None and behavior.count != products.height:
        raise ValueError(f"expected a behavior of {products.height} products, found one of {behavior.count}")
    progress(0, _STEPS)
    tidied = frame.tidy(products)
    tidied.write_parquet(target / frame.FILE)
    documents = documents_of(tidied)
    progress(1, _STEPS)
    build_lexical(target / LEXICAL_FOLDER, documents.texts, known_words)
    progress(2, _STEPS)
    write_vectors(target / VECTORS_FILE, vectors, text_of_row, space)
    progress(3, _STEPS)
    plan = build_index(target, vectors, space)
    behavior = behavior or Behavior.empty(products.height)
    behavior.save(target / BEHAVIOR_FOLDER)
    if meaning is not None:
        write_meaning(target, meaning)
    if chance is not None:
        (target / CHANCE_FILE).write_text(chance.model_dump_json(indent=2))
    (target / FUSION_FILE).write_text((fusion or Fusion()).model_dump_json(indent=2))
    _write_warmup(target / WARMUP_FILE, tidied, vectors, text_of_row, space)
    progress(_STEPS, _STEPS)
    return {
        "products": products.height,
        "texts": len(vectors),
        "lexical_documents": len(documents.texts),
        "index": plan.model_dump(),
        "behavior": behavior.facts(),
        "fusion": (fusion or Fusion()).model_dump(),
        "chance": chance.model_dump() if chance is not None else None,
    }


def _require_fitting(
    products: pl.DataFrame, vectors: NDArray[np.float32], text_of_row: NDArray[np.int32], space: VectorSpace
) -> None:
    if products.is_empty():
        raise ValueError("expected at least one product, found none; import some first")
    if vectors.ndim != 2 or vectors.shape[1] != space.dimension:
        raise ValueError(f"expected vectors of {space.dimension} dimensions, found an array of shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError("expected finite vectors, found NaN or infinity; embed the catalog again")
    if text_of_row.shape != (products.height,):
        raise ValueError(f"expected text_of_row of {products.height} rows, found shape {text_of_row.shape}")
    if not 0 <= text_of_row.min() <= text_of_row.max() < len(vectors):
        found = f"{text_of_row.min()} to {text_of_row.max()}"
        raise ValueError(f"expected text_of_row between 0 and {len(vectors) - 1}, found {found}")


def _write_warmup(
    path: Path, products: pl.DataFrame, vectors: NDArray[np.float32], text_of_row: NDArray[np.int32], space: VectorSpace
) -> None:
    """Write requests like real ones: titles as texts with their own vectors, and products as seeds, spread over the catalog."""
    every = max(1, products.height // _WARMUPS)
    with path.open("wb") as file:
        for row in islice(range(0, products.height, every), _WARMUPS):
            product_id, title = products.row(row)[:2]
            vector = EncodedVectors(space=space, count=1, base64=_encoded(vectors[text_of_row[row]]))
            for request in (
                RetrieveRequest(kind="text", text=title, vector=vector),
                RetrieveRequest(kind="product", seeds=[product_id]),
            ):
                file.write(orjson.dumps(request.model_dump(exclude_none=True)) + b"\n")


def _encoded(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
