"""Reads the data back for a build, and computes a cheap digest that tells whether anything changed since the last one."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, JUDGEMENT_COLUMNS, PRODUCT_COLUMNS
from shelfwise_pipeline.importing.copying import copy_out


@dataclass(frozen=True)
class Fingerprint:
    """The state of the data. `last_change` is the highest catalog.changes.seq, which a bundle states to contain."""

    last_change: int
    products: int
    events: int
    last_event_at: datetime | None
    last_received_at: datetime | None
    judgements: int
    judged: str
    """Equal for equal judgements, whatever their order."""

    @property
    def digest(self) -> str:
        """If digests are equal, nothing was written in between."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@contextmanager
def snapshot(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """All reads inside the context see the same moment, whatever is written meanwhile.

    The connection must be idle, i.e. in no transaction.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def fingerprint(connection: psycopg.Connection[Any]) -> Fingerprint:
    """Return the data's present state. It takes a tenth of a second for a million events."""
    row = connection.execute(
        """
        SELECT (SELECT coalesce(max(seq), 0) FROM catalog.changes),
               (SELECT count(*) FROM catalog.products),
               events.number, events.latest, events.received, judgements.number, judgements.sum::text
        FROM (SELECT count(*) AS number, max(timestamp) AS latest, max(received_at) AS received FROM behavior.events) AS events,
             (SELECT count(*) AS number,
                     coalesce(sum(hashtextextended(concat_ws(chr(31), query, product_id, grade), 0)::numeric), 0) AS sum
              FROM catalog.judgements) AS judgements
        """
    ).fetchone()
    assert row is not None  # noqa: S101 - aggregates without GROUP BY have one row
    return Fingerprint(*row)


def written_at(connection: psycopg.Connection[Any], change: int) -> datetime | None:
    """Return when the change log's row of that number was written; None if there is none."""
    row = connection.execute("SELECT committed_at FROM catalog.changes WHERE seq = %s", [change]).fetchone()
    return row[0] if row else None


def read_products(connection: psycopg.Connection[Any]) -> pl.DataFrame:
    """Return all products, by product_id, with the columns and types of PRODUCT_COLUMNS."""
    query = sql.SQL("SELECT {} FROM catalog.products").format(_selection(PRODUCT_COLUMNS))
    return _typed(copy_out(connection, query, _as_text(PRODUCT_COLUMNS)), PRODUCT_COLUMNS).sort("product_id")


def read_events(
    connection: psycopg.Connection[Any],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    impressions: bool = True,
    columns: Collection[str] | None = None,
) -> pl.DataFrame:
    """Return the events with since <= timestamp < until, in the order of time, with the columns and types of EVENT_COLUMNS.

    `impressions` False: without impressions. They are ten times as many as the others, and shown by the shop rather than done
    by shoppers. `columns`: only these. The order is by time, then by event_id, even if that is not among them.
    """
    wanted = [name for name in EVENT_COLUMNS if columns is None or name in columns]
    read = pl.Schema({name: dtype for name, dtype in EVENT_COLUMNS.items() if name in {*wanted, "timestamp", "event_id"}})
    query = sql.SQL("SELECT {} FROM behavior.events WHERE timestamp >= {} AND timestamp < {}{}").format(
        _selection(read),
        sql.Literal(since) if since else sql.SQL("'-infinity'"),
        sql.Literal(until) if until else sql.SQL("'infinity'"),
        sql.SQL("" if impressions else " AND type <> 'impression'"),
    )
    return _typed(copy_out(connection, query, _as_text(read)), read).sort("timestamp", "event_id").select(wanted)


def read_judgements(connection: psycopg.Connection[Any]) -> pl.DataFrame:
    """Return all judgements, by query and product_id, with the columns and types of JUDGEMENT_COLUMNS."""
    query = sql.SQL("SELECT {} FROM catalog.judgements").format(_selection(JUDGEMENT_COLUMNS))
    return _typed(copy_out(connection, query, _as_text(JUDGEMENT_COLUMNS)), JUDGEMENT_COLUMNS).sort("query", "product_id")


def _selection(columns: pl.Schema) -> sql.Composed:
    """Return the selected columns. Those that CSV has no type for are in a form that `_typed` reads, whatever the session's
    settings."""

    def shown(name: str, dtype: pl.DataType) -> sql.Composable:
        if isinstance(dtype, pl.List):
            return sql.SQL("array_to_json({})").format(sql.Identifier(name))
        if isinstance(dtype, pl.Datetime):
            return sql.SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(sql.Identifier(name))
        return sql.Identifier(name)

    return sql.SQL(", ").join(shown(name, dtype) for name, dtype in columns.items())


def _as_text(columns: pl.Schema) -> pl.Schema:
    def written(dtype: pl.DataType) -> pl.DataType:
        if isinstance(dtype, pl.Datetime):
            return pl.Int64()
        return pl.String() if isinstance(dtype, pl.List | pl.Boolean) else dtype

    return pl.Schema({name: written(dtype) for name, dtype in columns.items()})


def _typed(rows: pl.DataFrame, columns: pl.Schema) -> pl.DataFrame:
    def read(name: str, dtype: pl.DataType) -> pl.Expr:
        if isinstance(dtype, pl.List):
            return pl.col(name).str.json_decode(dtype)
        if isinstance(dtype, pl.Datetime):
            return pl.from_epoch(name, time_unit="us").dt.replace_time_zone("UTC")
        return pl.col(name) == "t" if isinstance(dtype, pl.Boolean) else pl.col(name)

    return rows.select(read(name, dtype).alias(name) for name, dtype in columns.items())
