"""The narrowest category and the brand of each product, as numbers."""

from typing import Any, Self

import numpy as np
import polars as pl

from shelfwise.values import folded
from shelfwise_retriever.column import Column
from shelfwise_retriever.groups import Rows


class Shelves:
    """A category and a brand number per row; 0 means none. Rows may change in place; numbers are never reused."""

    def __init__(self, category: Rows, categories: list[str], brand: Rows, brands: list[str]) -> None:
        """`category`, `brand`: [n], places from 1 on in `categories` and `brands` (folded), 0 for none."""
        self._category, self._brand = Column(category), Column(brand)
        self._category_numbers = {word: number for number, word in enumerate(categories, start=1)}
        self._brand_numbers = {word: number for number, word in enumerate(brands, start=1)}

    @classmethod
    def of(cls, products: pl.DataFrame) -> Self:
        """`products` as `frame.tidy` makes them."""
        return cls(*_numbered(products["category"].list.last()), *_numbered(products["brand"]))

    @property
    def category(self) -> Rows:
        return self._category.values

    @property
    def brand(self) -> Rows:
        return self._brand.values

    @property
    def categories(self) -> int:
        """The highest category number."""
        return len(self._category_numbers)

    @property
    def brands(self) -> int:
        """The highest brand number."""
        return len(self._brand_numbers)

    def put(self, row: int, product: dict[str, Any]) -> None:
        """Set the row's category and brand to those of `product`."""
        category = product.get("category") or [""]
        self._category.put(row, _number(self._category_numbers, category[-1]), 0)
        self._brand.put(row, _number(self._brand_numbers, product.get("brand") or ""), 0)


def _number(numbers: dict[str, int], word: str) -> int:
    return numbers.setdefault(folded(word), len(numbers) + 1) if word else 0


def _numbered(words: pl.Series) -> tuple[Rows, list[str]]:
    written = words.drop_nulls().unique()
    keys = words.replace_strict(written, [folded(word) for word in written], return_dtype=pl.String, default=None)
    ranks = keys.rank("dense").cast(pl.Int32).fill_null(0)
    return ranks.to_numpy().astype(np.int32), keys.drop_nulls().unique().sort().to_list()
