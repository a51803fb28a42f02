"""The distinct texts of a catalog: products with the same text share one vector."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.product import document_text


@dataclass(frozen=True, slots=True)
class DistinctTexts:
    """`texts[text_of_row[i]]` is the text of product row i. Texts are in the order of their first row."""

    texts: list[str]
    text_of_row: NDArray[np.int32]

    @classmethod
    def of(cls, products: pl.DataFrame) -> "DistinctTexts":
        numbers: dict[str, int] = {}
        text_of_row = np.empty(products.height, np.int32)
        for row, (title, category) in enumerate(products.select("title", "category").iter_rows()):
            text_of_row[row] = numbers.setdefault(document_text(title, category or []), len(numbers))
        return cls(list(numbers), text_of_row)
