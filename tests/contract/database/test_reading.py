"""A build reads the data of one moment, and recognizes data that have not changed."""

from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from polars.testing import assert_frame_equal
from rich.console import Console

from shelfwise_pipeline.building import build
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.importing import (
    copying,
    fingerprint,
    import_events,
    import_judgements,
    import_products,
    read_events,
    read_products,
    snapshot,
)
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings
from shelfwise_pipeline.shop import Shop
from tests.contract.database.test_import_events import purchases
from tests.contract.database.test_import_judgements import JUDGEMENTS
from tests.contract.database.test_import_products import PRODUCTS

Connection = psycopg.Connection[Any]


def test_every_change_to_the_data_changes_the_fingerprint(connection: Connection) -> None:
    digests = [fingerprint(connection).digest]
    import_products(connection, PRODUCTS)
    digests.append(fingerprint(connection).digest)
    import_events(connection, purchases(5))
    digests.append(fingerprint(connection).digest)
    connection.execute("UPDATE catalog.products SET in_stock = NOT in_stock WHERE product_id = '1'")
    digests.append(fingerprint(connection).digest)
    connection.execute("DELETE FROM behavior.events WHERE event_id = 'e0002'")
    digests.append(fingerprint(connection).digest)
    import_judgements(connection, JUDGEMENTS)
    digests.append(fingerprint(connection).digest)
    import_judgements(connection, JUDGEMENTS[:1].with_columns(grade=pl.lit(2.0)))
    digests.append(fingerprint(connection).digest)
    assert len(set(digests)) == 7


def test_the_fingerprint_stays_when_the_same_is_imported_again(connection: Connection) -> None:
    import_products(connection, PRODUCTS)
    import_events(connection, purchases(5))
    import_judgements(connection, JUDGEMENTS)
    before = fingerprint(connection)
    import_products(connection, PRODUCTS)
    import_events(connection, purchases(5))
    import_judgements(connection, JUDGEMENTS.reverse())
    assert fingerprint(connection) == before
    assert (before.last_change, before.products, before.events) == (3, 3, 5)


def test_a_snapshot_does_not_see_later_imports(database: str, connection: Connection) -> None:
    import_products(connection, PRODUCTS[:1])
    with connect(database, autocommit=True) as reader, snapshot(reader):
        before = fingerprint(reader)
        import_products(connection, PRODUCTS)
        import_events(connection, purchases(5))
        assert read_products(reader).height == 1
        assert read_events(reader).is_empty()
        assert fingerprint(reader) == before


def test_event_times_are_read_correctly_in_any_time_zone_and_date_style(database: str, connection: Connection) -> None:
    import_events(connection, purchases(5))
    with psycopg.connect(database, options="-c timezone=Asia/Tokyo -c datestyle=SQL") as elsewhere:
        assert read_events(elsewhere)["timestamp"].to_list() == purchases(5)["timestamp"].to_list()


def test_rows_that_are_read_in_small_blocks_are_complete(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    several = PRODUCTS.with_columns(description=pl.lit('two\nlines, "quoted"'))
    import_products(connection, several)
    import_events(connection, purchases(50))
    products, events = read_products(connection), read_events(connection)
    assert products["description"].to_list() == ['two\nlines, "quoted"'] * products.height
    monkeypatch.setattr(copying, "BLOCK_BYTES", 100)
    assert_frame_equal(read_products(connection), products)
    assert_frame_equal(read_events(connection), events)


def test_reading_a_few_columns_of_events_keeps_their_order(connection: Connection) -> None:
    import_events(connection, purchases(20).with_columns(timestamp=pl.col("timestamp").min()))
    few = ["product_id", "user_id"]
    assert_frame_equal(read_events(connection, columns=few), read_events(connection).select(few))


def test_events_can_be_read_without_impressions(connection: Connection) -> None:
    import_events(connection, purchases(6).with_columns(type=pl.Series(["impression", "view"] * 3)))
    assert read_events(connection).height == 6
    assert read_events(connection, impressions=False)["type"].to_list() == ["view"] * 3


@pytest.mark.parametrize(("days", "learned"), [(None, {0, 10, 400}), (30, {0, 10}), (5, {0})])
def test_a_build_learns_from_events_within_learn_from_days_of_the_newest(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float | None, learned: set[int]
) -> None:
    """The days count back from the newest event, whenever that was."""

    class Read(Exception):
        pass

    def encoder(shop: Shop, *_: object) -> None:
        ages = shop.events.select(pl.col("timestamp").max() - pl.col("timestamp")).to_series()
        raise Read(set(ages.dt.total_days()))

    connection.execute("INSERT INTO catalog.products (product_id, title) VALUES ('p', 'Comb')")
    connection.execute(
        "INSERT INTO behavior.events (event_id, type, product_id, user_id, timestamp) "
        "SELECT 'e' || age, 'view', 'p', 'u', timestamptz '2020-06-01' - age * interval '1 day' "
        "FROM unnest(array[0, 10, 400]) AS age"
    )
    monkeypatch.setattr(build, "_encoder", encoder)
    settings = PipelineSettings(bundles=str(tmp_path), var=tmp_path, learn_from_days=days)
    with pytest.raises(Read) as read:
        build.build(connection, settings, Steps(Console(quiet=True)))
    assert read.value.args == (learned,)
