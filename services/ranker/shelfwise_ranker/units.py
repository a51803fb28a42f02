"""Finds the words of a catalog that are units of numbers."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.vocabulary import PAD

FEW = 3
"""A word in fewer titles may follow a number by chance."""


def units_of(titles: NDArray[np.int32], is_number: NDArray[np.bool_]) -> frozenset[int]:
    """The words that directly follow a number in more than half of the titles that have them.

    `titles` [products, width] tokens, PAD-filled; `is_number` [vocabulary + 1].
    """
    behind = titles[:, 1:][is_number[titles[:, :-1]]]
    words = len(is_number)
    often = np.bincount(behind, minlength=words) * 2 > np.maximum(np.bincount(titles.ravel(), minlength=words), FEW)
    often[is_number] = False
    often[PAD] = False
    return frozenset(np.flatnonzero(often).tolist())
