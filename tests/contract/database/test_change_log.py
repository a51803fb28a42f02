"""The change log holds exactly what changed, whoever writes, and its numbers become visible in order."""

import threading
import time
from typing import Any

import psycopg
import pytest

from shelfwise_pipeline.database import connect

Connection = psycopg.Connection[Any]


def changes(connection: Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT product_id, kind FROM catalog.changes ORDER BY seq").fetchall()


def test_each_kind_of_write_is_logged_once(connection: Connection) -> None:
    connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('1', 'Comb'), ('2', 'Brush')")
    connection.execute("UPDATE catalog.products SET title = 'Hair Comb' WHERE product_id = '1'")
    connection.execute("DELETE FROM catalog.products WHERE product_id = '2'")
    assert changes(connection) == [("1", "upsert"), ("2", "upsert"), ("1", "upsert"), ("2", "delete")]


def test_a_write_that_changes_nothing_is_not_logged(connection: Connection) -> None:
    connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('1', 'Comb'), ('2', 'Brush')")
    connection.execute("UPDATE catalog.products SET title = CASE product_id WHEN '2' THEN 'Broom' ELSE title END")
    connection.execute("DELETE FROM catalog.products WHERE product_id = '3'")
    assert changes(connection)[2:] == [("2", "upsert")]


def test_a_changed_product_id_is_logged_as_a_delete_and_an_upsert(connection: Connection) -> None:
    connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('1', 'Comb')")
    connection.execute("UPDATE catalog.products SET product_id = '9'")
    assert changes(connection)[1:] == [("1", "delete"), ("9", "upsert")]


def test_a_rolled_back_write_is_not_logged(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('1', 'Comb')")
    assert changes(connection) == []


def test_truncating_the_products_is_refused(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=r"use DELETE FROM catalog\.products"):
        connection.execute("TRUNCATE catalog.products")


def test_a_later_change_does_not_become_visible_before_an_earlier_one(database: str, connection: Connection) -> None:
    """A reader that follows the log by `seq > last` would miss a number that becomes visible after a higher one."""

    def write_second() -> None:
        with connect(database) as second:
            second.execute("INSERT INTO catalog.products (product_id, title) VALUES ('second', 'Brush')")

    later = threading.Thread(target=write_second)
    with connect(database) as first:
        first.execute("INSERT INTO catalog.products (product_id, title) VALUES ('first', 'Comb')")
        later.start()
        later.join(timeout=0.3)
        assert later.is_alive()
        assert changes(connection) == []
    later.join(timeout=10)
    assert changes(connection) == [("first", "upsert"), ("second", "upsert")]


def test_a_small_change_first_does_not_slow_down_a_large_one(connection: Connection) -> None:
    """A session caches the plans of its triggers: one made for a single row must do for a whole catalog."""
    connection.execute("INSERT INTO catalog.products (product_id, title) SELECT generate_series(1, 20000)::text, 'Comb'")

    def seconds_of_an_update_of_all(session: Connection) -> float:
        started = time.monotonic()
        session.execute("UPDATE catalog.products SET title = title || '.'")
        return time.monotonic() - started

    with connect(connection.info.dsn, autocommit=True) as fresh:
        usual = seconds_of_an_update_of_all(fresh)
    connection.execute("UPDATE catalog.products SET title = 'Brush' WHERE product_id = '1'")
    assert seconds_of_an_update_of_all(connection) < 5 * usual
    assert len(changes(connection)) == 3 * 20_000 + 1
