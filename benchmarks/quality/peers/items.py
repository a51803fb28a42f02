"""The catalog as the peers see it, numbered from the most often bought product, so that ties go to the more popular one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.protocol import Known
from shelfwise.contracts.product import document_text

Numbers = NDArray[np.int64]
"""Items as indices into `Items.ids`."""


@dataclass(frozen=True, slots=True)
class Items:
    """The products, sorted by number of purchase lines (most first), then by id."""

    ids: list[str]
    number_of: dict[str, int]
    texts: list[str]
    """The text that stands for each product; Shelfwise embeds the same text."""

    @classmethod
    def of(cls, known: Known) -> "Items":
        counts = known.purchases().group_by("product_id").len()
        ordered = (
            known.products.select("product_id", "title", "category")
            .join(counts, on="product_id", how="left")
            .sort("len", "product_id", descending=[True, False], nulls_last=True)
        )
        ids = ordered["product_id"].to_list()
        texts = [document_text(title, category or []) for title, category in ordered.select("title", "category").iter_rows()]
        return cls(ids, {product: number for number, product in enumerate(ids)}, texts)

    def __len__(self) -> int:
        return len(self.ids)

    def numbers(self, products: Iterable[str]) -> Numbers:
        """The numbers of `products`. Products that are not in the catalog are left out."""
        return np.array([self.number_of[one] for one in products if one in self.number_of], dtype=np.int64)
