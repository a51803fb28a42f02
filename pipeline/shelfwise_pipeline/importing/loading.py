"""Checked rows into PostgreSQL. Importing the same data again changes nothing.

Products are one transaction, so a build never sees half a catalog, and only rows that really differ are written, so the
change log stays silent about the others. Events are one transaction a chunk: they stand alone, and an import that was
cut off goes on where it stopped when it is run again.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from shelfwise_pipeline.importing import event_rules, product_rules
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, LINE, PRODUCT_COLUMNS, conform
from shelfwise_pipeline.importing.copying import copy_in
from shelfwise_pipeline.importing.report import FindingSink, ImportReport
from shelfwise_pipeline.importing.rules import apply

Progress = Callable[[int, int | None], None]
"""Called with the rows done and, where known, the rows there are."""

CHUNK_ROWS = 100_000
PRODUCTS = sql.SQL("catalog.products")
EVENTS = sql.SQL("behavior.events")
INCOMING = sql.SQL("pg_temp.incoming")


def import_products(
    connection: psycopg.Connection[Any],
    products: pl.DataFrame,
    *,
    progress: Progress | None = None,
    sink: FindingSink | None = None,
) -> ImportReport:
    """Checks the products and makes the catalog hold them; products that are not in the frame stay as they are.

    `products` has the columns of PRODUCT_COLUMNS (product_id and title required; an absent column is unknown for every
    product and is stored so) and may have `line`. Raises ColumnError.
    """
    started = time.monotonic()
    report = ImportReport("products", sink=sink)
    checked = apply(product_rules.product_rules(), conform(products, PRODUCT_COLUMNS, product_rules.REQUIRED), report)
    rows = checked.drop(LINE).with_columns(
        pl.col("category").fill_null([]), pl.col("in_stock").fill_null(True), pl.col("attributes").fill_null("{}")
    )
    with connection.transaction():
        _make_incoming(connection, PRODUCTS, rows.columns)
        for chunk in rows.iter_slices(CHUNK_ROWS):
            copy_in(connection, INCOMING, chunk)
        known = _count(connection, sql.SQL("SELECT count(*) FROM {} JOIN {} USING (product_id)").format(INCOMING, PRODUCTS))
        written = connection.execute(_upsert_products(rows.columns)).rowcount
        connection.execute(sql.SQL("DROP TABLE {}").format(INCOMING))
    report.inserted = rows.height - known
    report.updated = written - report.inserted
    report.unchanged = rows.height - written
    if written:
        connection.execute("ANALYZE catalog.products")
    if progress is not None:
        progress(report.read, report.read)
    report.seconds = time.monotonic() - started
    return report


def import_events(
    connection: psycopg.Connection[Any],
    events: pl.DataFrame | Iterable[pl.DataFrame],
    *,
    progress: Progress | None = None,
    sink: FindingSink | None = None,
) -> ImportReport:
    """Checks the events and adds those whose event_id is new.

    `events` is a frame, or frames one after the other when there are more than fit in memory, with the columns of
    EVENT_COLUMNS (event_id, type, product_id and timestamp required) and perhaps `line`. Raises ColumnError.
    """
    started = time.monotonic()
    report = ImportReport("events", sink=sink)
    total = events.height if isinstance(events, pl.DataFrame) else None
    frames = [events] if isinstance(events, pl.DataFrame) else events
    for chunk in (chunk for frame in frames for chunk in frame.iter_slices(CHUNK_ROWS)):
        rows = conform(chunk, EVENT_COLUMNS, event_rules.REQUIRED, first_line=report.read + 1)
        rows = apply(event_rules.event_rules(), rows, report).drop(LINE)
        report.inserted += _add_events(connection, rows)
        if progress is not None:
            progress(report.read, total)
    report.unchanged = report.accepted - report.inserted
    if report.inserted:
        connection.execute("ANALYZE behavior.events")
    report.seconds = time.monotonic() - started
    return report


def _add_events(connection: psycopg.Connection[Any], rows: pl.DataFrame) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    with connection.transaction():
        _make_incoming(connection, EVENTS, rows.columns)
        copy_in(connection, INCOMING, rows)
        added = connection.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT (event_id) DO NOTHING").format(
                EVENTS, columns, columns, INCOMING
            )
        ).rowcount
        connection.execute(sql.SQL("DROP TABLE {}").format(INCOMING))
    return added


def _make_incoming(connection: psycopg.Connection[Any], like: sql.Composable, columns: list[str]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(names, like)
    )


def _upsert_products(columns: list[str]) -> sql.Composed:
    values = [name for name in columns if name != "product_id"]
    return sql.SQL(
        "INSERT INTO {table} AS stored ({columns}) SELECT {columns} FROM {incoming} ORDER BY product_id "
        "ON CONFLICT (product_id) DO UPDATE SET ({values}) = ROW ({new}) WHERE ({old}) IS DISTINCT FROM ({new})"
    ).format(
        table=PRODUCTS,
        incoming=INCOMING,
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(map(sql.Identifier, values)),
        old=sql.SQL(", ").join(sql.Identifier("stored", name) for name in values),
        new=sql.SQL(", ").join(sql.Identifier("excluded", name) for name in values),
    )


def _count(connection: psycopg.Connection[Any], query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
