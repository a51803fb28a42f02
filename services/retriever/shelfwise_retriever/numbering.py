"""Maps texts to their numbers."""

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray


class Numbering:
    """Maps a text, or a tuple of texts, to its number.

    A 64-bit hash stands for the text: 12 bytes each instead of a hundred. Among a million texts, the chance that any two share
    a hash is 3 in 100 million. The hash is valid in this process only and never stored.
    """

    def __init__(self, keys: Iterable[Hashable], numbers: NDArray[np.int64] | None = None) -> None:
        """`numbers`: one per key; by default the keys' places."""
        hashes = np.fromiter(map(hash, keys), np.int64)
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        self._numbers = (order if numbers is None else numbers[order]).astype(np.int32)
        self._later: dict[int, int] = {}

    def get(self, key: Hashable) -> int | None:
        hashed = hash(key)
        later = self._later.get(hashed)
        if later is not None:
            return later
        place = int(np.searchsorted(self._hashes, hashed))
        if place < len(self._hashes) and self._hashes[place] == hashed:
            return int(self._numbers[place])
        return None

    def add(self, key: Hashable, number: int) -> None:
        self._later[hash(key)] = number
