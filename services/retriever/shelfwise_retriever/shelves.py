"""Which narrowest category and brand each product has, as numbers."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from shelfwise_retriever.groups import Rows


@dataclass(frozen=True, slots=True, eq=False)
class Shelves:
    """[n] each; a product without a category (or brand) has the last number, which stands for none."""

    category: Rows
    categories: int
    brand: Rows
    brands: int

    @classmethod
    def of(cls, products: pl.DataFrame) -> Self:
        """`products` as `frame.tidy` makes them."""
        category, categories = _numbered(products["category"].list.last())
        brand, brands = _numbered(products["brand"])
        return cls(category, categories, brand, brands)


def _numbered(words: pl.Series) -> tuple[Rows, int]:
    ranks = (words.str.to_lowercase().rank("dense") - 1).cast(pl.Int32)
    count = ranks.n_unique() - bool(ranks.null_count())
    return ranks.fill_null(count).to_numpy().astype(np.int32), count
