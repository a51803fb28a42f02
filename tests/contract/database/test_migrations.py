"""The schema is created from nothing, once, even if several processes migrate at the same time."""

import threading
from pathlib import Path

import pytest

from shelfwise_pipeline.database import MigrationError, MigrationLocked, connect, migrate, migrations, schema_version
from shelfwise_pipeline.database.migrate import LOCK_KEY, downgrade

NEWEST = max(path.name[1:5] for path in (Path(migrations.__file__).parent / "versions").glob("v*.py"))
TABLES = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('catalog', 'behavior')"


def test_migrating_twice_creates_all_tables_and_keeps_their_rows(empty_database: str) -> None:
    assert schema_version(empty_database) is None
    assert migrate(empty_database) == NEWEST
    with connect(empty_database) as connection:
        tables = set(connection.execute(TABLES).fetchall())
        connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('1', 'Comb')")
    assert tables == {
        ("catalog", "products"),
        ("catalog", "changes"),
        ("catalog", "imports"),
        ("catalog", "judgements"),
        ("catalog", "vectors"),
        ("catalog", "log_start"),
        ("behavior", "events"),
        ("behavior", "sessions"),
        ("behavior", "shopper_changes"),
        ("behavior", "rankings"),
        ("behavior", "retractions"),
    }

    assert migrate(empty_database) == NEWEST
    with connect(empty_database) as connection:
        assert connection.execute("SELECT title FROM catalog.products").fetchall() == [("Comb",)]


def test_all_migrations_can_be_undone_and_applied_again(empty_database: str) -> None:
    migrate(empty_database)
    assert downgrade(empty_database, "base") is None
    with connect(empty_database) as connection:
        assert connection.execute(TABLES).fetchall() == []
    assert migrate(empty_database) == NEWEST


def test_concurrent_migrations_do_not_collide(empty_database: str) -> None:
    versions: list[str | None] = []
    migrators = [threading.Thread(target=lambda: versions.append(migrate(empty_database))) for _ in range(4)]
    for migrator in migrators:
        migrator.start()
    for migrator in migrators:
        migrator.join()
    assert versions == [NEWEST] * 4


def test_a_lock_held_by_another_migration_raises_migration_locked(empty_database: str) -> None:
    with connect(empty_database, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        with pytest.raises(MigrationLocked, match=r"another one that did not end within 0\.1 s"):
            migrate(empty_database, lock_timeout_s=0.1)
    assert migrate(empty_database) == NEWEST


def test_a_newer_schema_is_refused(database: str) -> None:
    with connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(MigrationError, match="a newer Shelfwise has migrated this database"):
        migrate(database)


def test_a_failing_migration_leaves_nothing_behind(empty_database: str) -> None:
    with connect(empty_database) as connection:
        connection.execute("CREATE SCHEMA behavior")
    with pytest.raises(MigrationError, match='schema "behavior" already exists'):
        migrate(empty_database)
    assert schema_version(empty_database) == "0001"
    with connect(empty_database) as connection:
        assert connection.execute("SELECT to_regclass('behavior.events')").fetchone() == (None,)
