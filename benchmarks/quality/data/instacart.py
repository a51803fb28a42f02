"""instacart-sample: 15,183 orders of 593 users of a grocery delivery, with product names but without dates."""

from datetime import UTC, datetime

import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.data.place import DataPlace
from benchmarks.quality.task import Dataset

LAST_ORDER = datetime(2017, 1, 1, tzinfo=UTC)
"""The file has only the days between orders. Every user's last order gets this date, and earlier orders the days before it. The
last order is what the questions ask for, so no user's dates reveal anything about another user."""


def read(place: DataPlace) -> Dataset:
    """Orders sorted by time; `position` is the place in the cart. Products without a name and their lines are left out."""
    named = pl.read_csv(place.file("instacart-sample", "products.csv.gz"), schema_overrides={"product_id": pl.String}).filter(
        pl.col("product_name").str.strip_chars().str.len_chars() > 0
    )
    lines = pl.read_csv(place.file("instacart-sample", "order_lines.csv.gz"), schema_overrides={"product_id": pl.String})
    products = named.select(
        "product_id", title=pl.col("product_name").str.strip_chars(), category=pl.concat_list("department", "aisle")
    )
    known = dated(lines).join(products.select("product_id"), on="product_id", how="semi", maintain_order="left")
    return Dataset(canonical.products(products), known, canonical.NO_JUDGEMENTS)


def dated(raw: pl.DataFrame) -> pl.DataFrame:
    """EVENT_COLUMNS, with every user's last order at LAST_ORDER. The last user is left out, whose orders are cut off."""
    whole = raw.filter(pl.col("user_id") < pl.col("user_id").max())
    orders = (
        whole.group_by("user_id", "order_number")
        .agg(pl.col("order_id", "days_since_prior_order", "order_hour_of_day").first())
        .sort("user_id", "order_number")
        .with_columns(day=pl.col("days_since_prior_order").fill_null(0).cum_sum().over("user_id"))
        .with_columns(before=(pl.col("day").max().over("user_id") - pl.col("day")).cast(pl.Int64))
        # Orders are at midnight, since the time is unknown. Orders of the same user and day differ by a minute each.
        .with_columns(later=pl.col("order_number").max().over("user_id", "before") - pl.col("order_number"))
        .select("order_id", timestamp=pl.lit(LAST_ORDER) - pl.duration(days="before", minutes="later"))
    )
    return (
        whole.join(orders, on="order_id")
        .unique(["order_id", "product_id"], keep="first", maintain_order=True)
        .sort("timestamp", "order_id", "add_to_cart_order")
        .select(
            event_id=pl.format("{}-{}", "order_id", "product_id"),
            type=pl.lit("purchase"),
            product_id="product_id",
            user_id=pl.col("user_id").cast(pl.String),
            session_id=pl.col("order_id").cast(pl.String),
            timestamp=pl.col("timestamp").dt.cast_time_unit("us"),
            quantity=pl.lit(1, pl.Int32),
            position=pl.col("add_to_cart_order").cast(pl.Int32),
        )
        .pipe(canonical.events)
    )
