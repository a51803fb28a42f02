"""Amounts: a number and the unit behind it, such as "64 GB". Each by itself is in many titles that lack the amount: "1.5 Ton,
2 Star" is not "2 ton".
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.text import tokens


def amounts_in(pairs: NDArray[np.int32], is_number: NDArray[np.bool_], units: frozenset[int]) -> NDArray[np.int32]:
    """[amounts, 2] the distinct ones of `pairs` [pairs, 2], of adjacent words, that are a number and a unit."""
    kept = dict.fromkeys((number, unit) for number, unit in pairs.tolist() if is_number[number] and unit in units)
    return np.array(list(kept), dtype=np.int32).reshape(-1, 2)


def having(amounts: NDArray[np.int32], table: ProductTable, rows: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """[amounts, rows] whether each product has each amount, the number right before its unit."""
    spans = table.spans
    said = table.tokens[rows, spans["title"].start : spans["rest"].stop]
    number, unit = amounts[:, 0, None, None], amounts[:, 1, None, None]
    found = ((said[:, :-1] == number) & (said[:, 1:] == unit)).any(axis=2)
    # The table has each word of a title once: of "4 GB, 64 GB" the second "GB" is only in the title itself.
    title = table.tokens[rows, spans["title"]]
    apart = (title == number).any(axis=2) & (title == unit).any(axis=2) & ~found
    for which, place in np.argwhere(apart).tolist():
        amount = tuple(table.vocabulary.tokens[part - 1] for part in amounts[which].tolist())
        found[which, place] = amount in pairwise(tokens(table.titles[rows[place]]))
    return np.asarray(found)


def having_others(amounts: NDArray[np.int32], said: NDArray[np.int32], is_number: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[amounts, products] whether the product has another number with the same unit; `said` [products, width] tokens."""
    number, unit = amounts[:, 0, None, None], amounts[:, 1, None, None]
    before = said[:, :-1]
    return np.asarray((is_number[before] & (before != number) & (said[:, 1:] == unit)).any(axis=2))
