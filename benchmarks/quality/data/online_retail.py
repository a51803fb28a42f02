"""online-retail: a UK gift shop's invoices, 2010-12-01 to 2011-11-08 (UCI, CC BY 4.0)."""

import polars as pl

from benchmarks.quality.data import canonical
from benchmarks.quality.data.place import DataPlace
from benchmarks.quality.protocol import empty_products
from benchmarks.quality.task import Dataset

PRODUCT_CODE = r"^\d{5}"
"""Codes of products. Postage, charges, samples and corrections have codes of letters."""


def read(place: DataPlace) -> Dataset:
    """The invoices of known customers; see `cleaned`."""
    return Dataset(
        empty_products(), cleaned(pl.read_parquet(place.file("online-retail", "transactions.parquet"))), canonical.NO_JUDGEMENTS
    )


def cleaned(raw: pl.DataFrame) -> pl.DataFrame:
    """EVENT_COLUMNS with `title` and `price` of the line; `position` is its place in the invoice.

    Keeps lines of invoices that are not cancelled, with a customer, a positive quantity and price, and a code that starts with
    five digits. Each invoice and code has one line: the first, with the sum of all quantities.
    """
    kept = raw.with_row_index("row").filter(
        ~pl.col("InvoiceNo").str.starts_with("C"),
        pl.col("CustomerID").is_not_null(),
        pl.col("Quantity") > 0,
        pl.col("UnitPrice") > 0,
        pl.col("StockCode").str.contains(PRODUCT_CODE),
    )
    return (
        kept.group_by("InvoiceNo", "StockCode")
        .agg(
            pl.col("row", "Description", "InvoiceDate", "CustomerID", "UnitPrice").first(),
            pl.col("Quantity").sum(),
        )
        .sort("InvoiceDate", "row")
        .select(
            event_id=pl.format("{}-{}", "InvoiceNo", "StockCode"),
            type=pl.lit("purchase"),
            product_id="StockCode",
            user_id=pl.col("CustomerID").cast(pl.String),
            session_id="InvoiceNo",
            timestamp=pl.col("InvoiceDate").dt.replace_time_zone("UTC"),
            quantity="Quantity",
            value=(pl.col("Quantity") * pl.col("UnitPrice")).round(2),
            position=pl.int_range(1, pl.len() + 1).over("InvoiceNo").cast(pl.Int32),
            title=pl.col("Description").str.strip_chars(),
            price="UnitPrice",
        )
    )


def catalog(lines: pl.DataFrame) -> pl.DataFrame:
    """PRODUCT_COLUMNS of the products in `lines`: the most common description, the median price, the first sale."""
    titles = (
        lines.filter(pl.col("title").str.len_chars() > 0)
        .group_by("product_id", "title")
        .len()
        .sort("product_id", "len", "title", descending=[False, True, False])
        .unique("product_id", keep="first")
    )
    sold = lines.group_by("product_id").agg(pl.col("price").median(), created_at=pl.col("timestamp").min())
    found = sold.join(titles, on="product_id", how="left").with_columns(
        title=pl.col("title").fill_null(pl.col("product_id")).str.to_titlecase(), currency=pl.lit("GBP")
    )
    return canonical.products(found)
