"""Copies frames into temporary tables and tables into frames, by COPY in CSV: the fastest way in psycopg that keeps types.

A null is an empty field. Empty text never occurs, because the rules make it null.
"""

import io
from typing import Any, LiteralString

import polars as pl
import psycopg
from psycopg import sql

BLOCK_BYTES = 32 * 1024**2
"""The amount of text read at once: that of ten million events would take more memory than their frame."""

TIME_FORMAT = "%Y-%m-%d %H:%M:%S%.6f+00"


def copy_in(connection: psycopg.Connection[Any], table: sql.Composable, frame: pl.DataFrame) -> None:
    """Appends the frame to a table that has its columns. Lists become text arrays."""
    arrays = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    plain = frame.with_columns(_array_literal(name) for name in arrays)
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL '')").format(table, columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(plain.write_csv(include_header=False, datetime_format=TIME_FORMAT).encode())


def copy_out(connection: psycopg.Connection[Any], query: sql.Composable | LiteralString, columns: pl.Schema) -> pl.DataFrame:
    """Return the query's rows. `columns` are its columns' types, with text for those that CSV has no type for."""
    query = sql.SQL(query) if isinstance(query, str) else query
    frames = [pl.DataFrame(schema=columns)]
    text = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query)) as copy:
        for row in copy:  # joining a million of them would take longer than everything else
            text.write(row)
            if text.tell() >= BLOCK_BYTES:
                frames.append(_read(text, columns))
                text = io.BytesIO()
    if text.tell():
        frames.append(_read(text, columns))
    return pl.concat(frames)


def _read(text: io.BytesIO, columns: pl.Schema) -> pl.DataFrame:
    text.seek(0)
    return pl.read_csv(text, has_header=False, schema=columns)


def _array_literal(name: str) -> pl.Expr:
    """A list of text in PostgreSQL's array syntax: {"a","b \\" c"}."""
    escaped = pl.element().str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    items = pl.col(name).list.eval(pl.format('"{}"', escaped)).list.join(",")
    return ("{" + items + "}").alias(name)
