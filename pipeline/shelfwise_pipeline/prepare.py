"""From nothing to a database with a shop in it and a published bundle that fits; what is there already is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from shelfwise.bundle import BundleStore
from shelfwise.errors import BundleError
from shelfwise_pipeline.building.staleness import outgrown, state_of
from shelfwise_pipeline.database import EmbeddedPostgres, connect, migrate
from shelfwise_pipeline.demo.importing import import_demo
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.publishing.publish import Refused, live_manifest, publish
from shelfwise_pipeline.settings import PipelineSettings


@contextmanager
def database(settings: PipelineSettings, steps: Steps) -> Iterator[str]:
    """The URL of a database with the current schema: DATABASE_URL, or an embedded server that lives as long as the context."""
    if settings.database_url:
        migrate(settings.database_url)
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.var / "postgres")
    with steps.step("starting PostgreSQL"):
        url = server.start()
    try:
        migrate(url)
        yield url
    finally:
        server.stop()


@contextmanager
def prepared_database(settings: PipelineSettings, steps: Steps) -> Iterator[str]:
    """As `database`, with the demo shop imported into an empty one and a published bundle that fits what is there.

    Single changes and events of a running shop are followed by the services themselves: they need no build before a start.
    """
    with database(settings, steps) as url:
        with connect(url, autocommit=True) as connection:
            import_demo(connection, settings.demo, steps)
            if outgrown(live_manifest(BundleStore(settings.bundles)), connection):
                try:
                    build_if_stale(connection, settings, steps)
                except Refused as refused:  # what is live goes on being served
                    steps.console.print(f"[yellow]{refused}[/]")
        yield url


def build_if_stale(connection: psycopg.Connection[object], settings: PipelineSettings, steps: Steps) -> bool:
    """Build and publish unless there is a bundle of this very data by this very code; True if it built.

    A bundle that the gates refused is there as well: it is not built again and again.

    Raises:
        Refused: what was built is worse than what is live, which stays.
    """
    store = BundleStore(settings.bundles)
    state = state_of(connection)
    live = live_manifest(store)
    if live is not None and (live.data_fingerprint == state or _built_before(store, state)):
        return False
    from shelfwise_pipeline.building.build import build  # training's libraries take seconds to import, and are seldom needed

    publish(store, build(connection, settings, steps).version)
    return True


def _built_before(store: BundleStore, state: str) -> bool:
    for version in store.versions():
        with suppress(BundleError):
            if store.manifest(version).data_fingerprint == state:
                return True
    return False
