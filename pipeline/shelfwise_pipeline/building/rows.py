"""The order of the catalog's rows: most popular first, so that ties go to the more popular product."""

from datetime import datetime, timedelta

import polars as pl

HALF_LIFE = timedelta(days=90)
WEIGHTS = {"purchase": 1.0, "add_to_cart": 0.3, "view": 0.1, "impression": 0.0}


def in_popularity_order(products: pl.DataFrame, events: pl.DataFrame, as_of: datetime | None) -> pl.DataFrame:
    """Return `products` with a column `popularity`, sorted by it, then by id.

    Popularity is the sum over the product's events before `as_of` (all events when None) of a weight by type that halves every
    90 days; 0 without events. Only what was known before `as_of` counts.
    """
    moment = as_of or events["timestamp"].max()
    if moment is None:
        return products.with_columns(popularity=pl.lit(0.0, pl.Float32)).sort("product_id")
    known = events.filter(pl.col("timestamp") < as_of) if as_of else events
    age = (pl.lit(moment) - pl.col("timestamp")).dt.total_seconds() / HALF_LIFE.total_seconds()
    weight = pl.col("type").replace_strict(WEIGHTS, return_dtype=pl.Float64) * (-age * pl.lit(2.0).log()).exp()
    popularity = known.group_by("product_id").agg(weight.sum().cast(pl.Float32).alias("popularity"))
    return (
        products.join(popularity, on="product_id", how="left")
        .with_columns(pl.col("popularity").fill_null(0.0))
        .sort(["popularity", "product_id"], descending=[True, False])
    )
