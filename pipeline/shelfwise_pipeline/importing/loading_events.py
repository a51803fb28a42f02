"""Writes checked events to PostgreSQL, one transaction per chunk. Events are independent, and an interrupted import continues
where it stopped when it is run again."""

import time
from dataclasses import dataclass
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from shelfwise_pipeline.importing import event_rules
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, LINE, MENDED, conform
from shelfwise_pipeline.importing.copying import copy_in
from shelfwise_pipeline.importing.incoming import (
    INCOMING,
    Frames,
    Progress,
    chunks,
    drop_incoming,
    finished,
    make_incoming,
    names,
)
from shelfwise_pipeline.importing.loading import PRODUCTS
from shelfwise_pipeline.importing.report import Action, ImportReport
from shelfwise_pipeline.importing.rules import apply

MOST_TRIES = 5
"""How often a chunk is written again if PostgreSQL lets another writer go first."""
EVENTS = sql.SQL("behavior.events")
UNKNOWN_PRODUCT: tuple[str, str, Action, str] = (
    "product_unknown",
    "product_id",
    "noted",
    "the product is not in the catalog; the event counts once it is. If it should be there already, check that the map reads "
    "product_id from the same column as the products' map",
)
"""A finding: rule, column, action, reason."""
DIFFERING: tuple[str, str, Action, str] = (
    "event_differs",
    "event_id",
    "noted",
    "an event with this event_id is already stored and differs; the stored one stays (--update takes the file's)",
)
RETRACTED: tuple[str, str, Action, str] = (
    "event_retracted",
    "event_id",
    "noted",
    "an event with this event_id was retracted; it stays retracted",
)
DROPPING_RETRACTED = sql.SQL(
    "DELETE FROM {} AS arrived USING behavior.retractions AS gone WHERE arrived.event_id = gone.event_id "
    "RETURNING {}, arrived.event_id"
)
DIFFERENT = sql.SQL(
    "SELECT {line}, arrived.event_id FROM {stored} AS stored JOIN {arrived} AS arrived USING (event_id) "
    "WHERE ({old}) IS DISTINCT FROM ({new})"
)
CHANGING = sql.SQL(
    "UPDATE {stored} AS stored SET ({columns}) = ROW ({new}), received_at = now() FROM {arrived} AS arrived "
    "WHERE stored.event_id = arrived.event_id AND ({old}) IS DISTINCT FROM ({new}) RETURNING {line}, arrived.event_id"
)


def import_events(
    connection: psycopg.Connection[Any],
    events: Frames,
    *,
    update: bool = False,
    report: ImportReport | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Checks the events and adds those with a new event_id.

    `events` have columns of EVENT_COLUMNS (event_id, type, product_id and timestamp required) and may have `line` and MENDED. A
    known event that differs in one of these columns stays as stored, and the difference is noted; with `update` the file's is
    taken. Raises ColumnError.
    """
    started = time.monotonic()
    report = report or ImportReport("events")
    total = events.height if isinstance(events, pl.DataFrame) else None
    rules = event_rules.event_rules()
    for chunk in chunks(events):
        given = [name for name in EVENT_COLUMNS if name in chunk.columns and name != "event_id"]
        rows = conform(chunk, EVENT_COLUMNS, event_rules.REQUIRED, first_line=report.read + 1)
        _add_events(connection, apply(rules, rows, report), given, report, update=update)
        if progress is not None:
            progress(report.read, total)
    return finished(connection, report, EVENTS, started)


@dataclass(frozen=True, slots=True)
class _Added:
    """The result of writing a chunk of events."""

    inserted: int
    differing: pl.DataFrame
    """line and value (the event's id) of the events that differ from the stored ones."""
    retracted: pl.DataFrame
    """line and value of the events that had been retracted."""
    unknown_products: list[str]


def _add_events(
    connection: psycopg.Connection[Any], rows: pl.DataFrame, given: list[str], report: ImportReport, *, update: bool
) -> None:
    """Adds new events, changes those that differ if `update`, and reports."""
    tries = 1
    while True:
        try:
            with connection.transaction():
                added = _insert_events(connection, rows, given, update=update)
            break
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):  # another writer went first
            if tries == MOST_TRIES:
                raise
            tries += 1
    report.inserted += added.inserted
    if update:
        report.updated += added.differing.height
    elif not added.differing.is_empty():
        report.found(*DIFFERING, added.differing)
    if not added.retracted.is_empty():
        report.found(*RETRACTED, added.retracted)
    if added.unknown_products:
        found = rows.filter(pl.col("product_id").is_in(added.unknown_products))
        report.found(*UNKNOWN_PRODUCT, found.select("line", value="product_id"))


def _insert_events(connection: psycopg.Connection[Any], rows: pl.DataFrame, given: list[str], *, update: bool) -> _Added:
    """Insert the chunk. Must be called in a transaction."""
    columns = [name for name in rows.columns if name not in (LINE, MENDED)]
    make_incoming(connection, EVENTS, columns)
    copy_in(connection, INCOMING, rows)
    unknown = connection.execute(
        sql.SQL(
            "SELECT DISTINCT product_id FROM {} AS arrived "
            "WHERE NOT EXISTS (SELECT FROM {} AS known WHERE known.product_id = arrived.product_id)"
        ).format(INCOMING, PRODUCTS)
    ).fetchall()
    # Retracted events, and sessions that became a user's, while the shop was live. The lock is explained in the migrations
    # v0006_shoppers and v0009_retractions.
    connection.execute("SELECT pg_advisory_xact_lock_shared('behavior.sessions'::regclass::bigint)")
    retracted = connection.execute(DROPPING_RETRACTED.format(INCOMING, sql.Identifier("arrived", LINE))).fetchall()
    differing = connection.execute(_differing(given, update=update)).fetchall()
    connection.execute(
        sql.SQL(
            "UPDATE {} AS arrived SET user_id = known.user_id FROM behavior.sessions AS known "
            "WHERE arrived.user_id IS NULL AND arrived.session_id = known.session_id"
        ).format(INCOMING)
    )
    # In the order that all writers of events use: of two with the same events, one waits for the other, but they never
    # deadlock.
    added = connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY event_id ON CONFLICT (event_id) DO NOTHING").format(
            EVENTS, names(columns), names(columns), INCOMING
        )
    ).rowcount
    drop_incoming(connection)
    return _Added(added, _lines(differing), _lines(retracted), [product_id for (product_id,) in unknown])


def _lines(found: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(found, schema={"line": pl.Int64, "value": pl.String}, orient="row").sort("line")


def _differing(given: list[str], *, update: bool) -> sql.Composed:
    """Return the statement that selects, or with `update` changes, stored events that differ from incoming ones of the same id,
    with line and id of each.

    An event's user may have become known since, so an event without a user does not differ from the same event with one.
    """
    said = [
        sql.SQL("coalesce(arrived.user_id, stored.user_id)") if name == "user_id" else sql.Identifier("arrived", name)
        for name in given
    ]
    parts = {
        "stored": EVENTS,
        "arrived": INCOMING,
        "columns": names(given),
        "old": names(given, of="stored"),
        "new": sql.SQL(", ").join(said),
        "line": sql.Identifier("arrived", LINE),
    }
    return (CHANGING if update else DIFFERENT).format(**parts)
