"""What the lexical source indexes: every distinct text of the catalog once."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from shelfwise_retriever.groups import RowGroups


@dataclass(frozen=True, slots=True)
class Documents:
    """The distinct texts (title, brand, categories) of the catalog, in the order of their first row."""

    texts: list[tuple[str, ...]]
    groups: RowGroups


def documents_of(products: pl.DataFrame) -> Documents:
    """The catalog's documents. Build and open use this function, so that numbers mean the same documents."""
    keys = products.select(pl.col("title"), pl.col("brand").fill_null(""), pl.col("category").list.drop_nulls().list.join(" "))
    distinct = keys.unique(maintain_order=True, keep="first").with_row_index("document")
    of_row = keys.join(distinct, on=keys.columns, how="left", maintain_order="left")["document"]
    groups = RowGroups.of(of_row.to_numpy().astype(np.int32), distinct.height)
    return Documents(distinct.drop("document").rows(), groups)
