"""From nothing to a database with a shop in it and a published bundle that fits; what is there already is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from shelfwise.bundle import BundleStore
from shelfwise.errors import BundleError
from shelfwise_pipeline.building.build import build, fingerprint_of
from shelfwise_pipeline.database import EmbeddedPostgres, connect, migrate
from shelfwise_pipeline.demo.importing import import_demo
from shelfwise_pipeline.progress import Steps
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
    """As `database`, with the demo shop imported into an empty one and a bundle of its present state published."""
    with database(settings, steps) as url:
        with connect(url, autocommit=True) as connection:
            import_demo(connection, settings.demo, steps)
            build_if_stale(connection, settings, steps)
        yield url


def build_if_stale(connection: psycopg.Connection[object], settings: PipelineSettings, steps: Steps) -> bool:
    """Build and publish unless the published bundle was made from this very data by this very code; True if it built."""
    store = BundleStore(settings.bundles)
    try:
        current = store.manifest(store.current())
    except BundleError:
        current = None
    if current is not None and current.data_fingerprint == fingerprint_of(connection):
        return False
    manifest = build(connection, settings, steps)
    store.publish(manifest.version)
    return True
