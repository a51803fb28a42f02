"""Combines the many lines of a product into one product, for a shop whose only list of products is its sales.

Only distinct values are kept, with their counts, so a file of any length fits into memory.
"""

import polars as pl

from shelfwise_pipeline.importing.columns import LINE, MENDED, PRODUCT_COLUMNS

SETTLE_ROWS = 500_000
"""How many counted values may accumulate before equal ones are merged."""
PLACE = "__place"
"""The row number over all files, because lines of different files have the same numbers."""
EARLIEST = ("created_at",)
HIGHEST = ("rating_count",)
MIDDLE = ("price", "rating")


class Tally:
    """Collects what the lines of each product say, column by column.

    It takes the most frequent text, path and boolean (the first in a tie), the median price and rating, the highest count and
    the earliest time. Lines with an empty column do not count for it.
    """

    def __init__(self) -> None:
        self._counted: dict[str, list[pl.DataFrame]] = {}
        self._products: list[pl.DataFrame] = []
        self._without_id: list[pl.DataFrame] = []
        self._waiting = 0
        self.lines = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Add `rows`, which have canonical columns with product_id, `line` and MENDED."""
        place = pl.int_range(self.lines, self.lines + rows.height).alias(PLACE)
        self.lines += rows.height
        rows = rows.with_columns(pl.col(pl.String).str.strip_chars(), place)
        has_id = (pl.col("product_id") != "").fill_null(False)
        self._without_id.append(rows.filter(~has_id).select("product_id", LINE, MENDED))
        rows = rows.filter(has_id)
        self._products.append(_products([rows.select("product_id", LINE, MENDED)]))
        for name in PRODUCT_COLUMNS:
            if name in rows.columns and name != "product_id":
                said = rows.select("product_id", pl.col(name).alias("value"), PLACE, pl.lit(1, pl.UInt32).alias("rows"))
                self._counted.setdefault(name, []).append(_counted([said.drop_nulls("value")]))
                self._waiting += self._counted[name][-1].height
        if self._waiting > SETTLE_ROWS:
            self._settle()

    def products(self) -> pl.DataFrame:
        """Return one row per product, with its first `line`, in the order of the lines. Lines without an id stay rows of their
        own."""
        self._settle()
        if not self._products:
            return pl.DataFrame(schema={LINE: pl.Int64, MENDED: pl.Boolean, "product_id": pl.String, "title": pl.String})
        products = self._products[0]
        for name, (counted,) in self._counted.items():
            products = products.join(_chosen(name, counted), on="product_id", how="left")
        return pl.concat([products, *self._without_id], how="diagonal").sort(LINE)

    def _settle(self) -> None:
        self._products = [_products(self._products)] if self._products else []
        self._counted = {name: [_counted(parts)] for name, parts in self._counted.items()}
        self._waiting = sum(parts[0].height for parts in self._counted.values())


def _products(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by("product_id").agg(pl.col(LINE).min(), pl.col(MENDED).any())


def _counted(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).group_by("product_id", "value").agg(pl.col(PLACE).min(), pl.col("rows").sum())


def _chosen(name: str, counted: pl.DataFrame) -> pl.DataFrame:
    value = pl.col("value")
    if name in EARLIEST:
        return counted.group_by("product_id").agg(value.min().alias(name))
    if name in HIGHEST:
        return counted.group_by("product_id").agg(value.max().alias(name))
    if name in MIDDLE:
        so_far, whole = pl.col("rows").cum_sum().over("product_id"), pl.col("rows").sum().over("product_id")
        upper_half = counted.sort("product_id", "value").filter(so_far * 2 >= whole)
        return upper_half.group_by("product_id", maintain_order=True).agg(value.first().alias(name))
    best_first = counted.sort("rows", PLACE, descending=[True, False])
    return best_first.group_by("product_id", maintain_order=True).agg(value.first().alias(name))
