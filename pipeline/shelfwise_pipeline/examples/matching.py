"""Tests whether products have all the words of a query."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.queries import spoken, things
from shelfwise_ranker.amounts import amounts_in, having
from shelfwise_ranker.products import ProductTable, Rows
from shelfwise_ranker.text import token, tokens
from shelfwise_ranker.vocabulary import PAD

UNHEARD = -1
"""Stands for the number of a word that no product has."""


class Wording:
    """Matches title, brand, categories and attributes by stemmed words."""

    def __init__(self, table: ProductTable) -> None:
        self._table = table
        spans = table.spans
        self._named = _categories_by_name(table)
        self._everything = slice(spans["title"].start, spans["rest"].stop)

    def covers(self, text: str, rows: Rows) -> NDArray[np.bool_]:
        """[rows] whether a product has every word of `text`, and each number directly before its unit. A word that no product
        has is taken for a slip and ignored."""
        return self._has(text, rows, self._everything) & self.amounts(text, rows)

    def amounts(self, text: str, rows: Rows) -> NDArray[np.bool_]:
        """[rows] whether a product has every amount of `text`: the number directly before its unit."""
        return np.asarray(having(self._amounts(text), self._table, rows).all(axis=0))

    def names_amounts(self, text: str) -> bool:
        return len(self._amounts(text)) > 0

    def entitled(self, text: str, rows: Rows) -> NDArray[np.bool_]:
        """[rows] whether a product has every word of `text` in its own title."""
        return self._has(text, rows, self._table.spans["title"])

    def of_brand(self, text: str, rows: Rows) -> NDArray[np.bool_]:
        """[rows] whether a product has every word of `text` in its brand's name."""
        return self._has(text, rows, self._table.spans["brand"])

    def of_category(self, text: str, rows: Rows) -> NDArray[np.bool_] | None:
        """[rows] whether a product is of a category that `text` names; None if it names no category."""
        categories = self._named.get(frozenset(tokens(text)))
        return None if categories is None else np.isin(self._table.leaf[rows], categories)

    def names_brand(self, text: str, row: int) -> bool:
        """Return whether the query is exactly the name of the product's brand."""
        asked, brand = tokens(text), self._table.tokens[row, self._table.spans["brand"]]
        numbers = self._table.vocabulary.numbers
        return bool(asked) and {numbers.get(part, UNHEARD) for part in asked} == set(brand[brand != PAD].tolist())

    def _amounts(self, text: str) -> NDArray[np.int32]:
        table = self._table
        numbers = [table.vocabulary.numbers.get(part, PAD) for part in tokens(text)]
        pairs = np.array(list(pairwise(numbers)), dtype=np.int32).reshape(-1, 2)
        return amounts_in(pairs, table.vocabulary.is_number, table.units)

    def _has(self, text: str, rows: Rows, where: slice) -> NDArray[np.bool_]:
        asked = self._known(text)
        if not len(asked):
            return np.zeros(len(rows), dtype=bool)
        return np.asarray(_all_in(asked, self._table.tokens[rows, where]))

    def _known(self, text: str) -> NDArray[np.int32]:
        numbers = self._table.vocabulary.numbers
        return np.array([numbers[part] for part in dict.fromkeys(tokens(text)) if part in numbers], dtype=np.int32)


def _categories_by_name(table: ProductTable) -> dict[frozenset[str], list[int]]:
    """Return the numbers of the categories by the tokens of their names: the whole name, one of the things that it joins, or
    the last word of either."""
    named: dict[frozenset[str], list[int]] = {}
    for number, name in enumerate(table.categories):
        parts = things(name)
        called = {frozenset(map(token, words)) for words in (spoken(name), *parts, *(words[-1:] for words in parts))}
        for tokens_of_name in called - {frozenset()}:
            named.setdefault(tokens_of_name, []).append(number)
    return named


def _all_in(asked: NDArray[np.int32], had: NDArray[np.int32]) -> NDArray[np.bool_]:
    """[rows] whether each row of `had` [rows, width] holds all of `asked`."""
    return np.asarray((had[None] == asked[:, None, None]).any(axis=2).all(axis=0))
