"""Amounts: a number and the word behind it that says of what, «64 GB». By themselves both are in many titles that lack it:
«1.5 Ton, 2 Star» is not «2 ton».
"""

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.vocabulary import PAD

FEW = 3
"""A word of fewer titles may stand behind a number by chance."""


def units_of(titles: NDArray[np.int32], is_number: NDArray[np.bool_]) -> frozenset[int]:
    """The words that stand right behind a number in more than half of the titles that have them.

    `titles` [products, width] tokens, PAD-filled; `is_number` [vocabulary + 1].
    """
    behind = titles[:, 1:][is_number[titles[:, :-1]]]
    words = len(is_number)
    often = np.bincount(behind, minlength=words) * 2 > np.maximum(np.bincount(titles.ravel(), minlength=words), FEW)
    often[is_number] = False
    often[PAD] = False
    return frozenset(np.flatnonzero(often).tolist())


def amounts_in(pairs: NDArray[np.int32], is_number: NDArray[np.bool_], units: frozenset[int]) -> NDArray[np.int32]:
    """[amounts, 2] those of `pairs` [pairs, 2], of neighbouring words, that are a number and a unit."""
    kept = [bool(is_number[number]) and unit in units for number, unit in pairs.tolist()]
    return np.asarray(pairs[np.array(kept, dtype=bool)])


def having(amounts: NDArray[np.int32], tokens: NDArray[np.int32]) -> NDArray[np.bool_]:
    """[amounts, products] whether each is among the `tokens` [products, width], the number right before its unit."""
    number, unit = amounts[:, 0, None, None], amounts[:, 1, None, None]
    return np.asarray(((tokens[:, :-1] == number) & (tokens[:, 1:] == unit)).any(axis=2))


def having_others(amounts: NDArray[np.int32], tokens: NDArray[np.int32], is_number: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[amounts, products] whether the product says another number of the same unit."""
    number, unit = amounts[:, 0, None, None], amounts[:, 1, None, None]
    before = tokens[:, :-1]
    return np.asarray((is_number[before] & (before != number) & (tokens[:, 1:] == unit)).any(axis=2))
