"""The demo shop's purchases, counted for every product of the bundle."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.catalog import BenchmarkError
from shelfwise_pipeline.demo.source import raw_purchases

HALF_LIFE = timedelta(days=90)


class Purchases:
    """Arrays in the order of the catalog's rows."""

    def __init__(self, products: pl.DataFrame) -> None:
        """`products` has the column product_id.

        Raises:
            BenchmarkError: the catalog is not the demo shop's, so there are no purchases to learn from.
        """
        self._products = products.select("product_id")
        # Read in the same way as the demo shop: importing the package needs pandas, which nothing else here needs.
        self._lines = raw_purchases().select(pl.col("product_id").cast(pl.String), at=pl.col("transaction_timestamp"))
        if self._products.join(self._lines, on="product_id", how="semi").is_empty():
            raise BenchmarkError(
                "expected the demo shop's products in the bundle, found none that it sold; run `make run` with the demo shop"
            )

    def popularity(self, as_of: datetime | None = None) -> NDArray[np.float64]:
        """Purchases before `as_of` (None: all), with a half-life of 90 days."""
        known = self._lines if as_of is None else self._lines.filter(pl.col("at") < as_of)
        age = (known["at"].max() - pl.col("at")).dt.total_seconds() / HALF_LIFE.total_seconds()
        return self._by_row(known.group_by("product_id").agg(found=(-age * pl.lit(2.0).log()).exp().sum()))

    def since(self, moment: datetime) -> NDArray[np.float64]:
        """Purchases from `moment` on."""
        later = self._lines.filter(pl.col("at") >= moment)
        return self._by_row(later.group_by("product_id").agg(found=pl.len().cast(pl.Float64)))

    def _by_row(self, counts: pl.DataFrame) -> NDArray[np.float64]:
        joined = self._products.join(counts, on="product_id", how="left", maintain_order="left")
        return joined["found"].fill_null(0.0).to_numpy()
