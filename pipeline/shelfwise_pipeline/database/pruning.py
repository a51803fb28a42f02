"""Deletes what no replica will need again: changes that every bundle contains, and vectors of texts that no longer exist."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from shelfwise.bundle import BundleStore
from shelfwise.contracts.product import document_text, text_key
from shelfwise.errors import BundleError


@dataclass(frozen=True, slots=True)
class Pruned:
    """The numbers of deleted rows. `kept_for`: why no change was deleted, if a bundle does not state what it contains."""

    changes: int
    vectors: int
    kept_for: str | None = None


def prune(connection: psycopg.Connection[Any], store: BundleStore, grace: timedelta) -> Pruned:
    """Delete changes that are in every kept bundle, and vectors older than `grace` whose text no product has.

    `connection`: in autocommit. A replica that starts from a bundle that is no longer kept is told so, and refuses it.
    """
    oldest, kept_for = _oldest_contained(store)
    if oldest > (last := _last_change(connection)):  # or nothing would be left, and no later bundle would reach its start
        kept_for = (
            f"no change was deleted: expected change {oldest:,}, which every kept bundle contains, found a log that ends with "
            f"{last:,}; check DATABASE_URL, then run `shelfwise build --force`"
        )
        oldest = 0
    return Pruned(prune_changes(connection, oldest), prune_vectors(connection, grace), kept_for)


def prune_changes(connection: psycopg.Connection[Any], oldest: int) -> int:
    """Delete the log's rows before number `oldest` and return how many. That row stays, so the highest number never falls."""
    with connection.transaction():
        # In one transaction; otherwise a follower could miss rows before it is told that the log begins later.
        connection.execute("UPDATE catalog.log_start SET seq = greatest(seq, %s)", [oldest])
        return connection.execute("DELETE FROM catalog.changes WHERE seq < %s", [oldest]).rowcount


def prune_vectors(connection: psycopg.Connection[Any], grace: timedelta) -> int:
    """Delete vectors older than `grace` whose text no product has, and return how many.

    A vector whose text a product gets at this very moment is computed again when it is needed.
    """
    with connection.transaction():
        present = _text_keys(connection)
        connection.execute("CREATE TEMP TABLE present (sha256 bytea PRIMARY KEY) ON COMMIT DROP")
        with connection.cursor() as cursor, cursor.copy("COPY present FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["bytea"])
            for digest in present:
                copy.write_row([digest])
        return connection.execute(
            "DELETE FROM catalog.vectors AS vector WHERE created_at < now() - %s "
            "AND NOT EXISTS (SELECT FROM present WHERE present.sha256 = vector.sha256)",
            [grace],
        ).rowcount


def _oldest_contained(store: BundleStore) -> tuple[int, str | None]:
    """Return the last change that every kept bundle contains; 0 if there is none, or if a bundle does not state it."""
    contained: list[int] = []
    for version in store.versions():
        try:
            contained.append(store.manifest(version).last_change)
        except BundleError as error:
            return 0, f"no change was deleted: {error.message}"
    return min(contained, default=0), None


def _last_change(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT max(seq) FROM catalog.changes").fetchone()
    return (row[0] if row else None) or 0


def _text_keys(connection: psycopg.Connection[Any]) -> set[bytes]:
    """Return the keys of the texts that products have."""
    rows = connection.execute("SELECT title, category FROM catalog.products").fetchall()
    return {text_key(document_text(title, category or [])) for title, category in rows}
