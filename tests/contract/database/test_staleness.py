"""A restart serves the existing bundle, unless the shop has outgrown it."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import psycopg
import pytest

from shelfwise.bundle import SCHEMA, Manifest
from shelfwise_pipeline.building.staleness import outgrown, state_of
from shelfwise_pipeline.importing import fingerprint, import_events, import_judgements, import_products
from tests.contract.database.test_import_events import purchases
from tests.contract.database.test_import_judgements import JUDGEMENTS
from tests.contract.database.test_import_products import PRODUCTS

Connection = psycopg.Connection[Any]


@pytest.fixture
def live(connection: Connection) -> Manifest:
    """The manifest of a build of the shop as it is now."""
    import_products(connection, PRODUCTS)
    import_events(connection, purchases(50))
    now = fingerprint(connection)
    return Manifest(
        schema_number=SCHEMA,
        version="v1",
        created_at=datetime.now(UTC),
        data_fingerprint=state_of(connection),
        last_change=now.last_change,
        files={},
        encoder={},
        catalog={"products": now.products},
        events=now.events,
        judgements=now.judgements,
        features={},
        evaluation={},
    )


def test_single_events_and_product_updates_do_not_outgrow_a_bundle(connection: Connection, live: Manifest) -> None:
    import_events(connection, purchases(54))
    connection.execute("UPDATE catalog.products SET in_stock = NOT in_stock WHERE product_id = '1'")
    assert state_of(connection) != live.data_fingerprint
    assert not outgrown(live, connection)


def test_corrected_events_change_the_state_of_the_data(connection: Connection, live: Manifest) -> None:
    import_events(connection, purchases(50), update=True)
    assert state_of(connection) == live.data_fingerprint
    import_events(connection, purchases(50).with_columns(quantity=pl.lit(7)), update=True)
    assert state_of(connection) != live.data_fingerprint


def test_a_tenth_more_events_or_fewer_products_outgrow_a_bundle(connection: Connection, live: Manifest) -> None:
    import_events(connection, purchases(60))
    assert outgrown(live, connection)
    connection.execute("DELETE FROM behavior.events WHERE event_id > 'e0050'")
    assert not outgrown(live, connection)
    connection.execute("DELETE FROM catalog.products WHERE product_id = '1'")
    assert outgrown(live, connection)


def test_new_judgements_another_release_or_no_bundle_call_for_a_build(connection: Connection, live: Manifest) -> None:
    assert outgrown(live.model_copy(update={"data_fingerprint": "0123/0.0.1/1"}), connection)
    assert outgrown(None, connection)
    import_judgements(connection, JUDGEMENTS)
    assert outgrown(live, connection)
