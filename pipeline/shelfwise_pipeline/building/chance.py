"""Measures how near in meaning random letters come to a catalog."""

import random
from collections.abc import Callable, Sequence
from string import ascii_lowercase
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.chance import Chance

TEXTS: Final = 1000
PERCENTILE: Final = 99
_AT_ONCE: Final = 20


def random_texts(count: int = TEXTS) -> list[str]:
    """Return texts of one or two words of 4 to 10 letters; the same ones every time."""
    draw = random.Random(0)  # noqa: S311 - nothing is kept secret with it

    def word() -> str:
        return "".join(draw.choices(ascii_lowercase, k=draw.randint(4, 10)))

    return [" ".join(word() for _ in range(draw.randint(1, 2))) for _ in range(count)]


def chance_of(vectors: NDArray[np.float32], encode_queries: Callable[[Sequence[str]], NDArray[np.float32]]) -> Chance:
    """Measure the similarity that random texts reach. `vectors`: [m, dimension], those of the catalog's distinct texts."""
    asked = encode_queries(random_texts())
    best = [(vectors @ asked[first : first + _AT_ONCE].T).max(axis=0) for first in range(0, len(asked), _AT_ONCE)]
    return Chance(dense=float(np.percentile(np.concatenate(best), PERCENTILE)))
