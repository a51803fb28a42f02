"""Checked rows into PostgreSQL. Importing the same data again changes nothing.

Products and judgements are one transaction, so a build never sees half of them, and only rows that really differ are
written, so the change log stays silent about the others. Events are one transaction a chunk: they stand alone, and an
import that was cut off goes on where it stopped when it is run again.
"""

import time
from collections.abc import Iterable
from typing import Any, Literal

import polars as pl
import psycopg
from psycopg import sql

from shelfwise_pipeline.importing import event_rules, judgement_rules, product_rules
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, JUDGEMENT_COLUMNS, LINE, MENDED, PRODUCT_COLUMNS, conform
from shelfwise_pipeline.importing.copying import copy_in
from shelfwise_pipeline.importing.errors import TooManyMissing
from shelfwise_pipeline.importing.incoming import (
    INCOMING,
    Progress,
    chunks,
    count,
    delete_absent,
    drop_incoming,
    make_incoming,
    names,
    refuse_repeated,
    upsert,
)
from shelfwise_pipeline.importing.report import Action, FindingSink, ImportReport
from shelfwise_pipeline.importing.rules import apply

Frames = pl.DataFrame | Iterable[pl.DataFrame]
"""A frame, or frames one after the other when there are more rows than fit in memory."""
Duplicates = Literal["last", "first", "most_complete"]
"""Which of several rows with one product_id is kept."""

MOST_TRIES = 5
"""How often a part of the events is written anew when PostgreSQL lets another writer through first."""
LARGEST_LOSS = 0.2
"""The share of the catalog that may be missing from a complete one; more is rather a broken export than a shop that shrinks."""

PRODUCTS = sql.SQL("catalog.products")
JUDGEMENTS = sql.SQL("catalog.judgements")
EVENTS = sql.SQL("behavior.events")
UNKNOWN_PRODUCT: tuple[str, str, Action, str] = (
    "product_unknown",
    "product_id",
    "noted",
    "the catalog holds no such product; the event counts once it does. If it should already, the map reads product_id from "
    "another column than the products' map does",
)
"""A finding: rule, column, action, reason."""
STOCK_UNSAID = sql.SQL(
    "UPDATE {incoming} AS arrived SET in_stock = coalesce("
    "(SELECT in_stock FROM {products} AS stored WHERE stored.product_id = arrived.product_id), true) WHERE in_stock IS NULL"
).format(incoming=INCOMING, products=PRODUCTS)
"""A product whose stock the file leaves open is in stock as it was; a new one is."""
BEST_FIRST: dict[Duplicates, sql.Composable] = {
    "last": sql.SQL("place DESC"),
    "first": sql.SQL("place"),
    "most_complete": sql.SQL(
        "num_nonnulls(description, brand, price, currency, image_url, rating, rating_count, variant_group, created_at, "
        "nullif(category, '{}'), nullif(attributes, '{}')) DESC, place DESC"
    ),
}


def import_products(
    connection: psycopg.Connection[Any],
    products: Frames,
    *,
    duplicates: Duplicates = "last",
    complete: bool = False,
    force: bool = False,
    report: ImportReport | None = None,
    progress: Progress | None = None,
    sink: FindingSink | None = None,
) -> ImportReport:
    """Checks the products and makes the catalog hold them; products that are not among them stay as they are.

    `products` have columns of PRODUCT_COLUMNS (product_id and title required) and may have `line` and MENDED. Only these
    columns are written: a product that is there already keeps its values of the others, which `report.untouched` names; a new
    one has none. `report` is one that a reader has begun.

    `complete`: they are the whole catalog, and a product that is not among those kept is deleted, in the same transaction.

    Raises:
        ColumnError
        TooManyMissing: so more than LARGEST_LOSS of the catalog would be deleted, and not `force`; or none was kept.
    """
    started = time.monotonic()
    report = report or ImportReport("products", sink=sink)
    total = products.height if isinstance(products, pl.DataFrame) else None
    rules = product_rules.product_rules()
    given = set(product_rules.REQUIRED)
    with connection.transaction():
        make_incoming(connection, PRODUCTS, PRODUCT_COLUMNS)
        for chunk in chunks(products):
            given.update(chunk.columns)
            rows = conform(chunk, PRODUCT_COLUMNS, product_rules.REQUIRED, first_line=report.read + 1)
            rows = apply(rules, rows, report).with_columns(
                pl.col("category").fill_null([]), pl.col("attributes").fill_null("{}")
            )
            copy_in(connection, INCOMING, rows)
            if progress is not None:
                progress(report.read, total)
        kept = f"the {duplicates.replace('_', ' ')} one is kept"
        rule = ("product_id_repeated", f"another line has the same product_id; {kept}")
        refuse_repeated(connection, ("product_id",), BEST_FIRST[duplicates], rule, report)
        connection.execute(STOCK_UNSAID)
        columns = [name for name in PRODUCT_COLUMNS if name in given]
        report.untouched = [name for name in PRODUCT_COLUMNS if name not in given]
        if complete:
            report.deleted = _delete_missing(connection, report, force=force)
        report.inserted, report.updated = upsert(connection, PRODUCTS, columns, ("product_id",))
        drop_incoming(connection)
    return _finished(connection, report, PRODUCTS, started)


def _delete_missing(connection: psycopg.Connection[Any], report: ImportReport, *, force: bool) -> int:
    """Deletes the products that are not incoming, as import_products says; how many."""
    if not report.accepted:
        raise TooManyMissing("expected the whole catalog, found no product that could be kept; nothing was deleted or changed")
    known = count(connection, sql.SQL("SELECT count(*) FROM {}").format(PRODUCTS))
    deleted = delete_absent(connection, PRODUCTS, ("product_id",))
    if deleted > LARGEST_LOSS * known and not force:
        raise TooManyMissing(
            f"expected a complete catalog to lack {LARGEST_LOSS:.0%} of the {known:,} products at most, found {deleted:,} that "
            "it lacks or whose rows were refused; nothing was changed. Is the export whole? If they are gone, say --force"
        )
    return deleted


def import_judgements(
    connection: psycopg.Connection[Any],
    judgements: Frames,
    *,
    report: ImportReport | None = None,
    progress: Progress | None = None,
    sink: FindingSink | None = None,
) -> ImportReport:
    """Checks the graded (query, product) pairs and makes catalog.judgements hold them; others stay as they are.

    `judgements` have the columns of JUDGEMENT_COLUMNS, all required, and may have `line` and MENDED. Raises ColumnError.
    """
    started = time.monotonic()
    report = report or ImportReport("judgements", sink=sink)
    total = judgements.height if isinstance(judgements, pl.DataFrame) else None
    rules = judgement_rules.judgement_rules()
    key = ("query", "product_id")
    with connection.transaction():
        make_incoming(connection, JUDGEMENTS, JUDGEMENT_COLUMNS)
        for chunk in chunks(judgements):
            rows = conform(chunk, JUDGEMENT_COLUMNS, judgement_rules.REQUIRED, first_line=report.read + 1)
            copy_in(connection, INCOMING, apply(rules, rows, report))
            if progress is not None:
                progress(report.read, total)
        rule = ("judgement_repeated", "another line judges the same query and product; the last one is kept")
        refuse_repeated(connection, key, BEST_FIRST["last"], rule, report)
        report.inserted, report.updated = upsert(connection, JUDGEMENTS, JUDGEMENT_COLUMNS, key)
        drop_incoming(connection)
    return _finished(connection, report, JUDGEMENTS, started)


def import_events(
    connection: psycopg.Connection[Any],
    events: Frames,
    *,
    report: ImportReport | None = None,
    progress: Progress | None = None,
    sink: FindingSink | None = None,
) -> ImportReport:
    """Checks the events and adds those whose event_id is new.

    `events` have the columns of EVENT_COLUMNS (event_id, type, product_id and timestamp required) and may have `line` and
    MENDED. Raises ColumnError.
    """
    started = time.monotonic()
    report = report or ImportReport("events", sink=sink)
    total = events.height if isinstance(events, pl.DataFrame) else None
    rules = event_rules.event_rules()
    for chunk in chunks(events):
        rows = conform(chunk, EVENT_COLUMNS, event_rules.REQUIRED, first_line=report.read + 1)
        report.inserted += _add_events(connection, apply(rules, rows, report), report)
        if progress is not None:
            progress(report.read, total)
    return _finished(connection, report, EVENTS, started)


def _add_events(connection: psycopg.Connection[Any], rows: pl.DataFrame, report: ImportReport) -> int:
    """Adds those that are new, and reports those whose products the catalog does not hold; how many were new."""
    tries = 1
    while True:
        try:
            with connection.transaction():
                added, unknown = _insert_events(connection, rows)
            break
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):  # another writer was let through
            if tries == MOST_TRIES:
                raise
            tries += 1
    if unknown:
        found = rows.filter(pl.col("product_id").is_in(unknown))
        report.found(*UNKNOWN_PRODUCT, found.select("line", value="product_id"))
    return added


def _insert_events(connection: psycopg.Connection[Any], rows: pl.DataFrame) -> tuple[int, list[str]]:
    """Within a transaction: how many were new, and which products the catalog does not hold."""
    columns = [name for name in rows.columns if name not in (LINE, MENDED)]
    make_incoming(connection, EVENTS, columns)
    copy_in(connection, INCOMING, rows)
    unknown = connection.execute(
        sql.SQL(
            "SELECT DISTINCT product_id FROM {} AS arrived "
            "WHERE NOT EXISTS (SELECT FROM {} AS known WHERE known.product_id = arrived.product_id)"
        ).format(INCOMING, PRODUCTS)
    ).fetchall()
    # Sessions that became a user while the shop was live; the lock is explained in the migration v0006_shoppers.
    connection.execute("SELECT pg_advisory_xact_lock_shared('behavior.sessions'::regclass::bigint)")
    connection.execute(
        sql.SQL(
            "UPDATE {} AS arrived SET user_id = known.user_id FROM behavior.sessions AS known "
            "WHERE arrived.user_id IS NULL AND arrived.session_id = known.session_id"
        ).format(INCOMING)
    )
    # In the one order that all writers of events keep: two of them with the same events wait for each other, but never both.
    added = connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY event_id ON CONFLICT (event_id) DO NOTHING").format(
            EVENTS, names(columns), names(columns), INCOMING
        )
    ).rowcount
    drop_incoming(connection)
    return added, [product_id for (product_id,) in unknown]


def _finished(connection: psycopg.Connection[Any], report: ImportReport, table: sql.Composable, started: float) -> ImportReport:
    report.unchanged = report.accepted - report.inserted - report.updated
    if report.inserted or report.updated or report.deleted:
        connection.execute(sql.SQL("ANALYZE {}").format(table))
    report.seconds = time.monotonic() - started
    return report
