"""Parquet as chunks of rows, as text like the other formats. A row's line is its number, from 1."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from shelfwise_pipeline.importing.columns import LINE, MENDED
from shelfwise_pipeline.importing.errors import FileUnreadable
from shelfwise_pipeline.importing.files.csv_rows import LATIN
from shelfwise_pipeline.importing.files.decoding import text_of
from shelfwise_pipeline.importing.files.detecting import BROKEN, open_bytes
from shelfwise_pipeline.importing.files.rows import CHUNK_ROWS, RawChunk, RowProblem, distinct_names

DAMAGED = (pl.exceptions.PolarsError, pl.exceptions.PanicException, *BROKEN)
"""The errors that polars raises in the middle of a file. It answers some damage with a panic."""


def scan(path: Path) -> pl.LazyFrame:
    """Scan the file lazily. A gzipped file is unpacked into memory. Raises FileUnreadable."""
    try:
        with open_bytes(path) as file:
            frame = pl.scan_parquet(io.BytesIO(file.read()) if isinstance(file, gzip.GzipFile) else path)
        names = frame.collect_schema().names()
        return frame.rename(dict(zip(names, distinct_names(names), strict=True)))
    except DAMAGED as error:
        raise FileUnreadable(f"expected a Parquet file at {str(path)!r}, found: {error}") from error


def parquet_chunks(frame: pl.LazyFrame, rows: int = CHUNK_ROWS) -> Iterator[RawChunk]:
    """Yield the rows in chunks of `rows`. Raises one of DAMAGED."""
    texts = [_text(name, dtype) for name, dtype in frame.collect_schema().items()]
    height = frame.select(pl.len()).collect().item()
    for start in range(0, height, rows):
        chunk, problems = _decoded(frame.slice(start, rows).collect(), start + 1)
        line = pl.int_range(start + 1, start + 1 + chunk.height, dtype=pl.Int64).alias(LINE)
        mended = pl.Series(sorted({problem.line for problem in problems}), dtype=pl.Int64)
        yield RawChunk(chunk.select(texts).with_columns(line).with_columns(pl.col(LINE).is_in(mended).alias(MENDED)), problems)


def _decoded(chunk: pl.DataFrame, first: int) -> tuple[pl.DataFrame, list[RowProblem]]:
    """Decode columns of bytes like lines: as Latin-1 if they are not UTF-8, with a problem for each. `first`: the chunk's first
    line."""
    problems: list[RowProblem] = []
    for column in chunk.select(pl.col(pl.Binary)):
        read = [None if value is None else text_of(value) for value in column]
        chunk = chunk.with_columns(pl.Series(column.name, [value and value[0] for value in read], dtype=pl.String))
        problems += [
            RowProblem(line, LATIN[0], "mended", LATIN[1], f"{column.name}: {value[0]}")
            for line, value in enumerate(read, first)
            if value is not None and value[1]
        ]
    return chunk, problems


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return the column as text: whole floats without `.0`, times (with their zone) as ISO 8601, nested values as JSON."""
    column = pl.col(name)
    if dtype.is_float():
        is_whole = column.is_finite() & (column == column.round()) & (column.abs() < 2**53)
        text = pl.when(is_whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    elif isinstance(dtype, pl.Datetime):
        text = column.dt.to_string("%Y-%m-%d %H:%M:%S%.6f" + ("%:z" if dtype.time_zone else ""))
    elif dtype == pl.Duration:
        text = column.dt.to_string("iso")
    elif dtype == pl.Binary:
        text = column  # text already, see `_decoded`
    elif isinstance(dtype, pl.Array):
        text = column.arr.to_list().map_elements(_json, return_dtype=pl.String, skip_nulls=True)
    elif dtype.is_nested():
        text = column.map_elements(_json, return_dtype=pl.String, skip_nulls=True)
    else:
        text = column.cast(pl.String)
    return pl.when(text != "").then(text).alias(name)


def _json(value: object) -> str:
    return json.dumps(value.to_list() if isinstance(value, pl.Series) else value, ensure_ascii=False, default=str)
