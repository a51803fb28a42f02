"""Pruning removes the changes that every kept bundle contains, the vectors of texts that no product has and, if the shop
says so, old events; nothing else."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from shelfwise.bundle import BundleStore, BundleWriter
from shelfwise.contracts.product import document_text
from shelfwise.database import Database, last_change, read_changes
from shelfwise.errors import BundleMismatch
from shelfwise_pipeline.database import retention
from shelfwise_pipeline.database.pruning import prune
from shelfwise_pipeline.database.retention import Retention, prune_events
from shelfwise_pipeline.importing import fingerprint

Connection = psycopg.Connection[Any]
DAY = timedelta(days=1)


def put(connection: Connection, *titles: str) -> None:
    for title in titles:
        connection.execute(
            "INSERT INTO catalog.products (product_id, title, category) VALUES (%s, %s, '{Home}')", [title, title]
        )


def bundles(folder: Path, ends: Sequence[int]) -> BundleStore:
    """A store of bundles that contain everything up to these changes."""
    for number, end in enumerate(ends):
        with BundleWriter(str(folder), f"v{number}") as writer:
            (writer.part("ranker") / "file").write_text("content")
            writer.finish(data_fingerprint="test", last_change=end, encoder={}, catalog={}, features={}, evaluation={})
    return BundleStore(str(folder))


_REMEMBER = "INSERT INTO catalog.vectors (space, sha256, vector, created_at) VALUES ('m/1/normalized', %s, '\\x00', now() - %s)"


def remember(connection: Connection, *texts: str, days_ago: float = 0) -> None:
    for text in texts:
        connection.execute(_REMEMBER, [hashlib.sha256(text.encode()).digest(), timedelta(days=days_ago)])


def seqs(connection: Connection) -> list[int]:
    return [seq for (seq,) in connection.execute("SELECT seq FROM catalog.changes ORDER BY seq").fetchall()]


def test_changes_that_every_kept_bundle_contains_are_pruned(connection: Connection, tmp_path: Path) -> None:
    put(connection, *"abcdefgh")
    written = seqs(connection)
    store = bundles(tmp_path, [written[5], written[3]])
    before = fingerprint(connection)
    assert prune(connection, store, DAY).changes == 3
    assert seqs(connection) == written[3:]
    assert fingerprint(connection) == before, "a bundle of this very data is still one"
    assert prune(connection, store, DAY).changes == 0


def test_no_changes_are_pruned_without_a_bundle_or_with_an_unreadable_one(connection: Connection, tmp_path: Path) -> None:
    put(connection, *"abc")
    assert prune(connection, BundleStore(str(tmp_path / "none")), DAY).changes == 0
    store = bundles(tmp_path, [seqs(connection)[-1]])
    manifest = tmp_path / "v0" / "manifest.json"
    manifest.write_bytes(orjson.dumps({**orjson.loads(manifest.read_bytes()), "schema_number": 1}))
    pruned = prune(connection, store, DAY)
    assert pruned.changes == 0
    assert "v0" in (pruned.kept_for or "")


def test_no_changes_are_pruned_from_a_restored_or_different_database(connection: Connection, tmp_path: Path) -> None:
    """Otherwise the next bundle would date from before the beginning of the log."""
    put(connection, *"abc")
    before = seqs(connection)
    pruned = prune(connection, bundles(tmp_path, [500, 510]), DAY)
    assert (pruned.changes, seqs(connection)) == (0, before)
    assert "expected change 500, which every kept bundle contains, found a log that ends with 3" in (pruned.kept_for or "")
    assert connection.execute("SELECT seq FROM catalog.log_start").fetchone() == (0,)


async def test_reading_pruned_changes_raises_bundle_mismatch(connection: Connection, database: str, tmp_path: Path) -> None:
    put(connection, *"abcdef")
    written = seqs(connection)
    prune(connection, bundles(tmp_path, [written[3]]), DAY)
    async with Database(database, "test") as pool, pool.connection() as reader:
        read = await read_changes(reader, written[3], 100)
        assert [change.product_id for change in read.changes] == ["e", "f"]
        assert (await read_changes(reader, written[-1], 100)).changes == []
        with pytest.raises(BundleMismatch, match=f"begins with {written[3]}; older changes were pruned: publish a newer"):
            await read_changes(reader, written[1], 100)
        assert await last_change(reader) == written[-1]


def test_a_gap_in_the_numbers_of_changes_does_not_count_as_pruned(connection: Connection, database: str) -> None:
    """A transaction that is rolled back uses up numbers; that must not refuse a reader that starts from nothing."""
    with connection.transaction(force_rollback=True):
        put(connection, *"abc")
    put(connection, "d")
    assert seqs(connection) == [4]
    assert connection.execute("SELECT seq FROM catalog.log_start").fetchone() == (0,)


def test_old_vectors_of_texts_that_no_product_has_are_pruned(connection: Connection, tmp_path: Path) -> None:
    put(connection, "Lamp", "Chair")
    said, lamp, gone = "said by nobody", document_text("Lamp", ["Home"]), document_text("Table", ["Home"])
    remember(connection, lamp, gone, days_ago=3)
    remember(connection, said)
    store = BundleStore(str(tmp_path))
    assert prune(connection, store, 4 * DAY).vectors == 0
    assert prune(connection, store, DAY).vectors == 1
    kept = {bytes(digest) for (digest,) in connection.execute("SELECT sha256 FROM catalog.vectors").fetchall()}
    assert kept == {hashlib.sha256(text.encode()).digest() for text in (lamp, said)}
    assert prune(connection, store, timedelta(0)).vectors == 1


def happen(connection: Connection, kind: str, days_ago: float, count: int = 1, session: str | None = None) -> None:
    connection.execute(
        "INSERT INTO behavior.events (event_id, type, product_id, user_id, session_id, timestamp) "
        "SELECT %s || n, %s, 'p', 'u', %s, now() - %s FROM generate_series(1, %s) AS n",
        [f"{kind}-{session or ''}{days_ago}-", kind, session, timedelta(days=days_ago), count],
    )


def kept(connection: Connection) -> set[str]:
    return {event for (event,) in connection.execute("SELECT event_id FROM behavior.events").fetchall()}


def test_events_are_kept_without_a_retention_or_within_it(connection: Connection) -> None:
    happen(connection, "view", 5000)
    assert prune_events(connection, Retention()) == 0
    assert prune_events(connection, Retention.of_days(6000, None)) == 0
    assert kept(connection) == {"view-5000-1"}


def test_events_and_impressions_are_pruned_after_their_own_retentions(connection: Connection) -> None:
    for kind in ("view", "purchase", "impression"):
        for days_ago in (1, 20, 400):
            happen(connection, kind, days_ago)
    changes = "SELECT count(*) FROM behavior.shopper_changes"
    assert prune_events(connection, Retention.of_days(365, 10)) == 4
    assert kept(connection) == {"view-1-1", "view-20-1", "purchase-1-1", "purchase-20-1", "impression-1-1"}
    assert connection.execute(changes).fetchone() == (0,), "nobody was erased"
    assert prune_events(connection, Retention.of_days(None, 0.5)) == 1
    assert prune_events(connection, Retention.of_days(10, 5)) == 2


def test_retractions_are_kept_as_long_as_events(connection: Connection) -> None:
    for days_ago in (1, 20, 400):
        connection.execute(
            "INSERT INTO behavior.retractions (event_id, retracted_at) VALUES (%s, now() - %s)",
            [f"e{days_ago}", days_ago * DAY],
        )
    remembered = "SELECT event_id FROM behavior.retractions ORDER BY retracted_at"
    prune_events(connection, Retention.of_days(None, 10))
    assert connection.execute(remembered).fetchall() == [("e400",), ("e20",), ("e1",)]
    prune_events(connection, Retention.of_days(30, None))
    assert connection.execute(remembered).fetchall() == [("e20",), ("e1",)]


def test_a_merged_session_is_pruned_after_its_last_event(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SLICE_SESSIONS", 2)
    for session, days_ago, last_event in [*((f"s{n}", 400, 390) for n in range(5)), ("back", 400, 1), ("new", 1, 400)]:
        connection.execute(
            "INSERT INTO behavior.sessions (session_id, user_id, merged_at) VALUES (%s, 'u', now() - %s)",
            [session, days_ago * DAY],
        )
        happen(connection, "view", last_event, session=session)
    sessions = "SELECT session_id FROM behavior.sessions ORDER BY session_id"
    prune_events(connection, Retention.of_days(None, 30))
    assert len(connection.execute(sessions).fetchall()) == 7
    prune_events(connection, Retention.of_days(395, None))
    assert len(connection.execute(sessions).fetchall()) == 7, "each still has an event, or is new"
    prune_events(connection, Retention.of_days(30, None))
    assert connection.execute(sessions).fetchall() == [("back",), ("new",)]


def test_old_events_are_pruned_from_every_slice_of_the_table(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SLICE_PAGES", 3)
    for days_ago in (400, 1, 500, 2):
        happen(connection, "view", days_ago, count=500)
    assert prune_events(connection, Retention.of_days(365, None)) == 1000
    assert {event.split("-")[1] for event in kept(connection)} == {"1", "2"}
