"""Shoppers who become other shoppers, or are forgotten."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Change = tuple[int, int | None]
"""A shopper, and the shopper it becomes; None: it is forgotten."""


def resolved(changes: Iterable[Change]) -> dict[int, int | None]:
    """Where each shopper's events belong after all `changes`, applied one after the other."""
    end: dict[int, int | None] = {}
    were: dict[int, list[int]] = {}  # the shoppers that have become this one so far
    for shopper, becomes in changes:
        if shopper == becomes:
            continue
        moved = were.pop(shopper, [])
        if shopper not in end:  # else its earlier events have moved on already
            moved.append(shopper)
        end.update(dict.fromkeys(moved, becomes))
        if becomes is not None:
            were.setdefault(becomes, []).extend(moved)
    return end


class Moves:
    """Many changes as one, to be looked up for many events at once."""

    def __init__(self, changes: Iterable[Change]) -> None:
        """`changes` in the order in which they were made."""
        self.ends: Mapping[int, int | None] = resolved(changes)
        self._shoppers = np.array(sorted(self.ends), dtype=np.int64)
        ends = [self.ends[shopper] for shopper in self._shoppers.tolist()]
        self._becomes = np.array([end or 0 for end in ends], dtype=np.int64)
        self._is_gone = np.array([end is None for end in ends], dtype=bool)

    def __len__(self) -> int:
        return len(self._shoppers)

    def find(self, shoppers: NDArray[np.int64]) -> NDArray[np.intp]:
        """The indices of those `shoppers` who move."""
        if not len(self):
            return np.empty(0, np.intp)
        place = np.minimum(np.searchsorted(self._shoppers, shoppers), len(self) - 1)
        return np.flatnonzero(self._shoppers[place] == shoppers)

    def of(self, shoppers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """For `shoppers`, who all move: whom they become (0 for nobody), and whether they are forgotten."""
        place = np.searchsorted(self._shoppers, shoppers)
        return self._becomes[place], self._is_gone[place]
