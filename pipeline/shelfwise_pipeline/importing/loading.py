"""Writes checked rows to PostgreSQL. Importing the same data again changes nothing.

Products and judgements are one transaction, so a build never sees half of them. Only rows that differ are written, so the
change log has no entries for the others. For events see `loading_events`.
"""

import time
from typing import Any, Literal

import polars as pl
import psycopg
from psycopg import sql

from shelfwise_pipeline.importing import judgement_rules, product_rules
from shelfwise_pipeline.importing.columns import JUDGEMENT_COLUMNS, PRODUCT_COLUMNS, conform
from shelfwise_pipeline.importing.copying import copy_in
from shelfwise_pipeline.importing.errors import TooManyMissing
from shelfwise_pipeline.importing.incoming import (
    INCOMING,
    Frames,
    Progress,
    chunks,
    count,
    delete_absent,
    drop_incoming,
    finished,
    make_incoming,
    refuse_repeated,
    upsert,
)
from shelfwise_pipeline.importing.report import ImportReport
from shelfwise_pipeline.importing.rules import apply

Duplicates = Literal["last", "first", "most_complete"]
"""Which of several rows with one product_id is kept."""

LARGEST_LOSS = 0.2
"""The share of the catalog that may be missing from a complete one. If more is missing, the export is probably broken."""

PRODUCTS = sql.SQL("catalog.products")
JUDGEMENTS = sql.SQL("catalog.judgements")
STOCK_UNSAID = sql.SQL(
    "UPDATE {incoming} AS arrived SET in_stock = coalesce("
    "(SELECT in_stock FROM {products} AS stored WHERE stored.product_id = arrived.product_id), true) WHERE in_stock IS NULL"
).format(incoming=INCOMING, products=PRODUCTS)
"""A product whose stock the file leaves open keeps its value; a new one is in stock."""
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
) -> ImportReport:
    """Checks the products and makes the catalog contain them. Products that are not among them stay as they are.

    `products` have columns of PRODUCT_COLUMNS (product_id and title required) and may have `line` and MENDED. Only these
    columns are written: an existing product keeps its values of the others, which `report.untouched` names; a new one has none.
    `report`: one that a reader has begun.

    `complete`: they are the whole catalog, and a product that is not among those kept is deleted, in the same transaction.

    Raises:
        ColumnError: the columns are not the canonical ones.
        TooManyMissing: more than LARGEST_LOSS of the catalog would be deleted, and not `force`; or no product was kept.
    """
    started = time.monotonic()
    report = report or ImportReport("products")
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
    return finished(connection, report, PRODUCTS, started)


def _delete_missing(connection: psycopg.Connection[Any], report: ImportReport, *, force: bool) -> int:
    """Deletes the products that are not incoming, as `import_products` describes. Returns how many."""
    if not report.accepted:
        raise TooManyMissing("expected the whole catalog, found no product that could be kept; nothing was deleted or changed")
    known = count(connection, sql.SQL("SELECT count(*) FROM {}").format(PRODUCTS))
    deleted = delete_absent(connection, PRODUCTS, ("product_id",))
    if deleted > LARGEST_LOSS * known and not force:
        raise TooManyMissing(
            f"expected --complete to delete at most {LARGEST_LOSS:.0%} of the {known:,} products, found {deleted:,} that "
            "the files lack or whose rows were refused; nothing was changed. Check the export. If these products are "
            "gone, add --force"
        )
    return deleted


def import_judgements(
    connection: psycopg.Connection[Any],
    judgements: Frames,
    *,
    report: ImportReport | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Checks the graded (query, product) pairs and makes catalog.judgements contain them. Others stay as they are.

    `judgements` have the columns of JUDGEMENT_COLUMNS, all required, and may have `line` and MENDED. Raises ColumnError.
    """
    started = time.monotonic()
    report = report or ImportReport("judgements")
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
    return finished(connection, report, JUDGEMENTS, started)
