"""A bundle of the present data goes live, however its build ended; one that was rolled back does not."""

import io
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from shelfwise.bundle import BundleStore, BundleWriter, Manifest
from shelfwise_pipeline.building import build as building
from shelfwise_pipeline.building.staleness import state_of
from shelfwise_pipeline.importing import fingerprint, import_products
from shelfwise_pipeline.prepare import build_if_stale, prepared_database
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.publishing.publish import Refused, publish, rollback
from shelfwise_pipeline.settings import PipelineSettings
from tests.contract.database.test_import_products import PRODUCTS

Connection = psycopg.Connection[Any]
STEPS = Steps(Console(quiet=True))


@pytest.fixture
def settings(connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PipelineSettings:
    """The settings of a database with products; an unexpected build fails the test."""
    import_products(connection, PRODUCTS)
    monkeypatch.setattr(building, "build", lambda *_: pytest.fail("there is a bundle already"))
    return PipelineSettings(bundles=str(tmp_path / "bundles"), var=tmp_path, keep_bundles=2)


def put(settings: PipelineSettings, version: str, state: str, recall: float = 1.0, last_change: int = 0) -> Manifest:
    """Writes a bundle as a build leaves it, without making it live."""
    with BundleWriter(settings.bundles, version) as writer:
        (writer.part("ranker") / "file").write_text("content")
        return writer.finish(
            data_fingerprint=state,
            last_change=last_change,
            encoder={},
            catalog={"products": 1, "index": {"recall_at_100": recall}},
            features={},
            evaluation={},
        )


def test_an_unpublished_bundle_of_the_present_data_is_published_not_built_again(
    connection: Connection, database: str, settings: PipelineSettings
) -> None:
    store = BundleStore(settings.bundles)
    put(settings, "v1", "other data")
    publish(store, "v1")
    put(settings, "v2", state_of(connection))
    assert build_if_stale(database, settings, STEPS) == "v2 is live"
    assert (store.live(), store.previous()) == ("v2", "v1")
    assert build_if_stale(database, settings, STEPS) == "the live bundle was already built from this data"


def test_an_unpublished_first_bundle_is_published(connection: Connection, database: str, settings: PipelineSettings) -> None:
    put(settings, "v1", state_of(connection))
    assert build_if_stale(database, settings, STEPS) == "v1 is live"


def test_an_unpublished_bundle_that_fails_a_gate_is_refused_every_time(
    connection: Connection, database: str, settings: PipelineSettings
) -> None:
    store = BundleStore(settings.bundles)
    put(settings, "v1", "other data")
    publish(store, "v1")
    put(settings, "v2", state_of(connection), recall=0.5)
    for _ in range(2):
        with pytest.raises(Refused, match="recall"):
            build_if_stale(database, settings, STEPS)
    assert store.live() == "v1"


def test_services_start_with_a_live_bundle_and_not_without_one(
    connection: Connection, database: str, settings: PipelineSettings
) -> None:
    """Without one they would wait for a bundle, and say that one should be built."""
    settings = settings.model_copy(update={"database_url": database, "demo": "none"})
    put(settings, "v1", state_of(connection), recall=0.5)
    with pytest.raises(Refused, match="recall"), prepared_database(settings, STEPS):
        pytest.fail("there is nothing to serve")
    put(settings, "v2", "other data")
    publish(BundleStore(settings.bundles), "v2")
    with prepared_database(settings, STEPS) as url:
        assert (url, BundleStore(settings.bundles).live()) == (database, "v2")


def test_a_bundle_that_was_rolled_back_is_not_published_again(
    connection: Connection, database: str, settings: PipelineSettings
) -> None:
    store = BundleStore(settings.bundles)
    put(settings, "v1", "other data")
    publish(store, "v1")
    put(settings, "v2", state_of(connection))
    publish(store, "v2")
    rollback(store)
    assert "v2 was built from this data and was rolled back; v1 stays live" in build_if_stale(database, settings, STEPS)
    assert store.live() == "v1"


def test_data_that_return_to_an_earlier_state_get_its_bundle_back(
    connection: Connection, database: str, settings: PipelineSettings
) -> None:
    store = BundleStore(settings.bundles)
    put(settings, "v1", state_of(connection))
    publish(store, "v1")
    put(settings, "v2", "data of yesterday")
    publish(store, "v2")
    assert build_if_stale(database, settings, STEPS) == "v1 is live"


def test_a_half_copied_or_damaged_bundle_is_not_published(
    connection: Connection, database: str, settings: PipelineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, folder = state_of(connection), Path(settings.bundles)
    put(settings, "v1", state)
    (folder / "v1").rename(folder / ".v1.arriving")
    put(settings, "v2", state)
    (folder / "v2" / "ranker" / "file").write_text("contents")
    assert BundleStore(settings.bundles).versions() == ["v2"]
    monkeypatch.setattr(building, "build", lambda *_: put(settings, "v3", state))
    assert build_if_stale(database, settings, STEPS) == "v3 is live"


def test_a_live_bundle_that_was_damaged_is_built_again(
    connection: Connection, database: str, settings: PipelineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The services that refuse such a bundle ask for this."""
    state, folder = state_of(connection), Path(settings.bundles)
    put(settings, "v1", state)
    assert build_if_stale(database, settings, STEPS) == "v1 is live"
    (folder / "v1" / "ranker" / "file").write_text("contents")
    monkeypatch.setattr(building, "build", lambda *_: put(settings, "v2", state))
    told = io.StringIO()
    assert build_if_stale(database, settings, Steps(Console(file=told, width=200))) == "v2 is live"
    assert "'file' of bundle 'v1': expected 7 bytes, found 8; build it again" in told.getvalue()


def test_a_bundle_goes_live_even_if_its_build_loses_the_database_connection(
    connection: Connection, database: str, settings: PipelineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = fingerprint(connection).last_change

    def build(own: Connection, *_: object) -> Manifest:
        connection.execute("SELECT pg_terminate_backend(%s)", [own.info.backend_pid])
        return put(settings, "v4", state_of(connection), last_change=last)

    for version in ("v1", "v2", "v3"):
        put(settings, version, "other data", last_change=last)
    store = BundleStore(settings.bundles)
    publish(store, "v1")
    monkeypatch.setattr(building, "build", build)
    assert build_if_stale(database, settings, STEPS) == "v4 is live"
    assert store.versions() == ["v1", "v3", "v4"]  # the bundle that was live before, and the newest ones
    assert connection.execute("SELECT min(seq) FROM catalog.changes").fetchone() == (last,)
