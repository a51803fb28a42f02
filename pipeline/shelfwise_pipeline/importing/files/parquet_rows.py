"""Parquet as chunks of rows, as text like the others; a row's line is its number, from 1."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from shelfwise_pipeline.importing.columns import LINE, MENDED
from shelfwise_pipeline.importing.errors import FileUnreadable
from shelfwise_pipeline.importing.files.detecting import open_bytes
from shelfwise_pipeline.importing.files.rows import CHUNK_ROWS, RawChunk, distinct_names


def scan(path: Path) -> pl.LazyFrame:
    """The file, read only where it is asked for; a gzipped one is unpacked into memory. Raises FileUnreadable."""
    try:
        with open_bytes(path) as file:
            frame = pl.scan_parquet(io.BytesIO(file.read()) if isinstance(file, gzip.GzipFile) else path)
        names = frame.collect_schema().names()
        return frame.rename(dict(zip(names, distinct_names(names), strict=True)))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileUnreadable(f"expected a Parquet file at {str(path)!r}, found: {error}") from error


def parquet_chunks(frame: pl.LazyFrame, rows: int = CHUNK_ROWS) -> Iterator[RawChunk]:
    """The rows, `rows` a chunk."""
    schema = frame.collect_schema()
    texts = [_text(name, dtype) for name, dtype in schema.items()]
    height = frame.select(pl.len()).collect().item()
    for start in range(0, height, rows):
        chunk = frame.slice(start, rows).collect()
        yield RawChunk(
            chunk.select(texts).with_columns(
                pl.int_range(start + 1, start + 1 + chunk.height, dtype=pl.Int64).alias(LINE), pl.lit(False).alias(MENDED)
            )
        )


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """The column as text: whole floats without their `.0`, times as ISO 8601 with their zone, nested values as JSON."""
    column = pl.col(name)
    if dtype.is_float():
        is_whole = column.is_finite() & (column == column.round()) & (column.abs() < 2**53)
        text = pl.when(is_whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    elif isinstance(dtype, pl.Datetime):
        text = column.dt.to_string("%Y-%m-%d %H:%M:%S%.6f" + ("%:z" if dtype.time_zone else ""))
    elif dtype == pl.Binary:
        text = column.cast(pl.String, strict=False)
    elif dtype.is_nested():
        text = column.map_elements(_json, return_dtype=pl.String, skip_nulls=True)
    else:
        text = column.cast(pl.String)
    return pl.when(text != "").then(text).alias(name)


def _json(value: object) -> str:
    return json.dumps(value.to_list() if isinstance(value, pl.Series) else value, ensure_ascii=False, default=str)
