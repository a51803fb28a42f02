"""The interface of an engine."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.embed import TextKind
from shelfwise.contracts.vectors import VectorSpace

Vectors: TypeAlias = NDArray[np.float32]
"""[n, dimension]"""

TokenIds: TypeAlias = list[int]
"""The token ids of one text: truncated to the model's length, with special tokens, never empty."""


class Engine(Protocol):
    """Computes vectors. Tokenizing is a separate step, so that work can be counted, admitted and batched by tokens."""

    @property
    def space(self) -> VectorSpace: ...

    @property
    def max_tokens(self) -> int: ...

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        """Thread-safe; some 10 µs for a short text."""
        ...

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        """The vectors of one batch, [len(batch), dimension], in the batch's order; called by one thread at a time."""
        ...
