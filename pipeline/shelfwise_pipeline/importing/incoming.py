"""The temporary table of every import: rows are copied into it, compared, and moved on by one statement."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from shelfwise_pipeline.importing.columns import LINE, MENDED
from shelfwise_pipeline.importing.report import ImportReport

Progress = Callable[[int, int | None], None]
"""Called with the number of rows done and, if known, their total."""

Frames = pl.DataFrame | Iterable[pl.DataFrame]
"""A frame, or several frames if there are more rows than fit in memory."""

CHUNK_ROWS = 100_000
INCOMING = sql.SQL("pg_temp.incoming")


def chunks(frames: Frames) -> Iterator[pl.DataFrame]:
    """Yield the rows in frames of at most CHUNK_ROWS."""
    for frame in [frames] if isinstance(frames, pl.DataFrame) else frames:
        yield from frame.iter_slices(CHUNK_ROWS)


def make_incoming(connection: psycopg.Connection[Any], like: sql.Composable, columns: Iterable[str]) -> None:
    """Create an empty table with these columns of `like`, and with `line`, MENDED and `place`, which numbers rows in the order
    of arrival."""
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(names(columns), like)
    )
    connection.execute(
        sql.SQL("ALTER TABLE {} ADD COLUMN {} bigint, ADD COLUMN {} boolean, ADD COLUMN place bigserial").format(
            INCOMING, sql.Identifier(LINE), sql.Identifier(MENDED)
        )
    )


def drop_incoming(connection: psycopg.Connection[Any]) -> None:
    """Drop the table before the transaction's end, so that a caller's transaction may contain several imports."""
    connection.execute(sql.SQL("DROP TABLE {}").format(INCOMING))


def refuse_repeated(
    connection: psycopg.Connection[Any],
    key: tuple[str, ...],
    best_first: sql.Composable,
    rule: tuple[str, str],
    report: ImportReport,
) -> None:
    """Keep only the best of the incoming rows with the same key, and report the others as refused.

    `rule` is the finding's name and reason; its column is the key's first.
    """
    rows = connection.execute(
        sql.SQL(
            "WITH ranked AS "
            "(SELECT place, row_number() OVER (PARTITION BY {key} ORDER BY {best_first}) AS rank FROM {incoming}) "
            "DELETE FROM {incoming} AS row USING ranked WHERE ranked.place = row.place AND rank > 1 "
            "RETURNING {line}, {mended}, {shown}"
        ).format(
            key=names(key),
            best_first=best_first,
            incoming=INCOMING,
            line=sql.Identifier("row", LINE),
            mended=sql.Identifier("row", MENDED),
            shown=sql.SQL(" || ' → ' || ").join(sql.Identifier("row", name) for name in key),
        )
    ).fetchall()
    if rows:
        found = pl.DataFrame(rows, schema={"line": pl.Int64, MENDED: pl.Boolean, "value": pl.String}, orient="row").sort("line")
        report.found(rule[0], key[0], "refused", rule[1], found.select("line", "value"), usual=True)
        report.accepted -= found.height
        report.refused += found.height
        report.mended -= int(found[MENDED].sum())


def upsert(
    connection: psycopg.Connection[Any], table: sql.Composable, columns: Iterable[str], key: tuple[str, ...]
) -> tuple[int, int]:
    """Moves the incoming rows into the table, changing only rows that differ. Returns how many were new and how many
    changed."""
    columns = list(columns)
    values = [name for name in columns if name not in key]
    known = count(connection, sql.SQL("SELECT count(*) FROM {} JOIN {} USING ({})").format(INCOMING, table, names(key)))
    incoming = count(connection, sql.SQL("SELECT count(*) FROM {}").format(INCOMING))
    written = connection.execute(
        sql.SQL(
            "INSERT INTO {table} AS stored ({columns}) SELECT {columns} FROM {incoming} ORDER BY {key} "
            "ON CONFLICT ({key}) DO UPDATE SET ({values}) = ROW ({new}) WHERE ({old}) IS DISTINCT FROM ({new})"
        ).format(
            table=table,
            incoming=INCOMING,
            columns=names(columns),
            key=names(key),
            values=names(values),
            old=names(values, of="stored"),
            new=names(values, of="excluded"),
        )
    ).rowcount
    inserted = incoming - known
    return inserted, written - inserted


def delete_absent(connection: psycopg.Connection[Any], table: sql.Composable, key: tuple[str, ...]) -> int:
    """Deletes the table's rows whose key no incoming row has. Returns how many."""
    return connection.execute(
        sql.SQL("DELETE FROM {table} AS stored WHERE NOT EXISTS (SELECT FROM {incoming} WHERE ({known}) = ({key}))").format(
            table=table, incoming=INCOMING, known=names(key, of="stored"), key=names(key, of="incoming")
        )
    ).rowcount


def names(columns: Iterable[str], of: str | None = None) -> sql.Composed:
    """Return the columns' names as SQL, separated by commas."""
    return sql.SQL(", ").join(sql.Identifier(of, name) if of else sql.Identifier(name) for name in columns)


def count(connection: psycopg.Connection[Any], query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def finished(connection: psycopg.Connection[Any], report: ImportReport, table: sql.Composable, started: float) -> ImportReport:
    """Complete the report at an import's end, and update the planner's statistics of the table."""
    report.unchanged = report.accepted - report.inserted - report.updated
    if report.inserted or report.updated or report.deleted:
        connection.execute(sql.SQL("ANALYZE {}").format(table))
    report.seconds = time.monotonic() - started
    return report
