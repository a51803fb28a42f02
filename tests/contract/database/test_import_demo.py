"""The demo shop, as it is imported into a new user's database."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from rich.console import Console

from shelfwise_gateway.synonyms import Synonyms
from shelfwise_pipeline.demo import demo_events
from shelfwise_pipeline.demo.importing import import_demo, synonyms_of
from shelfwise_pipeline.importing import read_events, read_products
from shelfwise_pipeline.progress import Steps

DAY = timedelta(days=1)


def test_demo_events_are_moved_to_end_now_and_keep_their_weekdays(connection: psycopg.Connection[Any]) -> None:
    steps = Steps(Console(file=io.StringIO()))
    assert synonyms_of(connection) is None
    assert import_demo(connection, "small", steps)
    file = synonyms_of(connection)
    assert file is not None
    assert Synonyms.load(file).entries
    events, original = read_events(connection), demo_events(small=True)
    moved = events["timestamp"][0] - original["timestamp"][0]
    assert moved % (7 * DAY) == timedelta(0)
    assert (events["timestamp"] - original["timestamp"] == moved).all()
    assert timedelta(0) <= datetime.now(UTC) - events["timestamp"][-1] < 7 * DAY + DAY
    first_sale = events.group_by("product_id").agg(at=events["timestamp"].min()).height
    assert first_sale == read_products(connection)["created_at"].count()
    assert read_products(connection)["created_at"].min() == events["timestamp"].min()


def test_an_interrupted_demo_import_continues_with_the_same_dates(connection: psycopg.Connection[Any]) -> None:
    steps = Steps(Console(file=io.StringIO()))
    import_demo(connection, "small", steps)
    before = read_events(connection)
    connection.execute("DELETE FROM behavior.events WHERE product_id < '9'")
    connection.execute("UPDATE catalog.imports SET finished_at = NULL, started_at = started_at - interval '98 days'")
    connection.execute("UPDATE behavior.events SET timestamp = timestamp - interval '98 days'")
    assert import_demo(connection, "small", steps)
    after = read_events(connection)
    assert (after["timestamp"] == before["timestamp"] - 98 * DAY).all()
    assert not import_demo(connection, "small", steps)
