"""The English words that are whole tokens of the encoder's tokenizer, and their vectors."""

import json
from pathlib import Path
from typing import Final

import numpy as np

from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine, Vectors
from shelfwise_pipeline.encoder.vector_cache import VectorFile, key_of

SHORTEST: Final = 3


def whole_words(tokenizer: Path) -> list[str]:
    """Return the words of ASCII letters in a WordPiece tokenizer.json, sorted; none if there is no file, or one of another
    kind."""
    if not tokenizer.is_file():
        return []
    model = json.loads(tokenizer.read_bytes())["model"]
    vocabulary = model["vocab"] if model.get("type") == "WordPiece" else {}
    return sorted(piece for piece in vocabulary if len(piece) >= SHORTEST and piece.isascii() and piece.isalpha())


def word_vectors(engine: Engine, words: list[str], known: VectorFile | None = None) -> Vectors:
    """Return the vectors of `words` as queries, [len(words), dimension]. Nothing is computed if `known` has them all."""
    if not words:
        return np.empty((0, engine.space.dimension), np.float32)
    earlier = known.read() if known else {}
    if all(key_of(word) in earlier for word in words):
        return np.stack([earlier[key_of(word)] for word in words])
    vectors = encode(engine, words, "query")
    if known:
        known.write(words, vectors)
    return vectors
