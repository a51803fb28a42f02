"""A predictable engine without weights: a text's vector is the sum of its words' hashed directions.

Texts that share words are near each other, others nearly orthogonal, so search, ranking and the tests of all services work.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from shelfwise.contracts.embed import TextKind
from shelfwise.contracts.vectors import VectorSpace
from shelfwise_embedder.description import EncoderDescription
from shelfwise_embedder.engines.base import TokenIds, Vectors

DEFAULT_DIMENSION: Final = 64
DEFAULT_MAX_TOKENS: Final = 256
_START: Final = 0
"""Starts every text, so that an empty one has a direction too."""
_START_WEIGHT: Final = 0.1
_WORD = re.compile(r"\w+")


def fake_space(dimension: int = DEFAULT_DIMENSION) -> VectorSpace:
    return VectorSpace(model="fake-words", dimension=dimension, normalized=True)


class FakeEngine:
    """Tokens are lower-case words; a text has the same vector as a query and as a document."""

    def __init__(self, space: VectorSpace | None = None, max_tokens: int = DEFAULT_MAX_TOKENS) -> None:
        self._space = space or fake_space()
        self._max_tokens = max_tokens

    @classmethod
    def of(cls, description: EncoderDescription) -> "FakeEngine":
        return cls(description.space, description.max_tokens)

    @property
    def space(self) -> VectorSpace:
        return self._space

    @property
    def max_tokens(self) -> int:
        return self._max_tokens

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        return [[_START, *(_word_id(word) for word in _WORD.findall(text.lower()))][: self._max_tokens] for text in texts]

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        dimension = self._space.dimension
        sums = np.stack([np.sum([_direction(token, dimension) for token in tokens], axis=0) for tokens in batch])
        unit: Vectors = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
        return unit


def _word_id(word: str) -> int:
    # From 1 on, since 0 starts the text. Python's own hash() differs between processes.
    return 1 + int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest())


@lru_cache(maxsize=10_000)
def _direction(token: int, dimension: int) -> Vectors:
    direction = np.random.default_rng(token).standard_normal(dimension)
    direction /= np.linalg.norm(direction)
    return (direction * (_START_WEIGHT if token == _START else 1.0)).astype(np.float32)
