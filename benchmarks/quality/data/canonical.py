"""Brings the frames of a data set into the importer's columns."""

import polars as pl

from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, PRODUCT_COLUMNS

NO_LINES = EVENT_COLUMNS.to_frame()
NO_JUDGEMENTS = pl.DataFrame(schema={"query": pl.String, "product_id": pl.String, "relevance": pl.Float64})


def products(frame: pl.DataFrame) -> pl.DataFrame:
    """PRODUCT_COLUMNS. Columns that `frame` lacks are null, except `in_stock`, which is true."""
    given = frame if "in_stock" in frame.columns else frame.with_columns(in_stock=pl.lit(True))
    return _filled(given, PRODUCT_COLUMNS).sort("product_id")


def events(lines: pl.DataFrame) -> pl.DataFrame:
    """EVENT_COLUMNS of `lines`, in their order. Other columns are dropped."""
    return _filled(lines, EVENT_COLUMNS)


def _filled(frame: pl.DataFrame, columns: pl.Schema) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in columns.items()
    )
