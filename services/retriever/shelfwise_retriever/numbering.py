"""Which number a text has."""

from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray


class Numbering:
    """From a text, or a tuple of texts, to its number.

    A hash of 64 bits stands for the text: 12 bytes each instead of a hundred, and among a million texts the chance that any two
    share one is 3 in 100 million. The hash is this process's own and never stored.
    """

    def __init__(self, keys: Iterable[Hashable], numbers: NDArray[np.int64] | None = None) -> None:
        """`numbers` of `keys`, one each; by default their places."""
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
