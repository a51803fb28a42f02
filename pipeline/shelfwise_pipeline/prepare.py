"""Prepares a database with a shop and a matching published bundle. What exists already is left alone."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from shelfwise.bundle import BundleStore, Manifest
from shelfwise.errors import BundleError
from shelfwise_pipeline.building.staleness import outgrown, state_of
from shelfwise_pipeline.building.tidying import forget_old_events, make_room, tidy
from shelfwise_pipeline.database import EmbeddedPostgres, connect, migrate
from shelfwise_pipeline.demo.importing import import_demo
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.publishing.publish import Refused, live_manifest, publish
from shelfwise_pipeline.settings import PipelineSettings


@contextmanager
def database(settings: PipelineSettings, steps: Steps) -> Iterator[str]:
    """Yield the URL of a database with the current schema: DATABASE_URL, or an embedded server that lives as long as the
    context."""
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
    """Like `database`, with the demo shop imported into an empty one and a published bundle that fits the data.

    The services follow single changes and events of a running shop themselves, so these need no build before a start.

    Raises:
        Refused: the gates refuse the bundle, and there is no other to serve.
    """
    with database(settings, steps) as url:
        live = live_manifest(BundleStore(settings.bundles))
        with connect(url, autocommit=True) as connection:
            import_demo(connection, settings.demo, steps)
            stale = outgrown(live, connection)
        if stale:
            try:
                steps.console.print(build_if_stale(url, settings, steps))
            except Refused as refused:
                if live is None:
                    raise
                # The live bundle continues to be served.
                steps.console.print(f"[yellow]{refused}[/]")
        yield url


def build_if_stale(url: str, settings: PipelineSettings, steps: Steps) -> str:
    """Make a bundle of the present data and code the live one, and return a sentence about the result.

    An existing one is not built again but published: its build was told not to publish it, or was interrupted before, or the
    gates refused it; they are checked again. Only a bundle that was live and was taken back stays as it is.

    Raises:
        Refused: it is worse than the live one, which stays.
    """
    store = BundleStore(settings.bundles)
    live = live_manifest(store)
    with connect(url, autocommit=True) as connection:
        forget_old_events(connection, settings, steps)
        state = state_of(connection)
        if live is not None and live.data_fingerprint == state and _is_whole(store, live, steps):
            return "the live bundle was already built from this data"
        made = _made_of(store, state)
        if made is not None and live is not None and _taken_back(store, made, live):
            return (
                f"{made.version} was built from this data and was rolled back; {live.version} stays live "
                f"(`shelfwise publish {made.version}` makes the first live again, `shelfwise build --force` makes a new one)"
            )
        if made is None:
            # Training's libraries take seconds to import, and are rarely needed.
            from shelfwise_pipeline.building.build import build

            make_room(settings, steps)
            made = build(connection, settings, steps)
    try:
        publish(store, made.version)
    finally:
        tidy(url, settings, steps)
    return f"{made.version} is live"


def _is_whole(store: BundleStore, live: Manifest, steps: Steps) -> bool:
    try:
        store.verify(live.version)
    except BundleError as error:
        steps.console.print(error.message, style="yellow", markup=False)
        return False
    return True


def _made_of(store: BundleStore, state: str) -> Manifest | None:
    """Return the newest complete bundle of this state of the data."""
    for version in reversed(store.versions()):
        with suppress(BundleError):
            manifest = store.manifest(version)
            if manifest.data_fingerprint == state:
                store.verify(version)
                return manifest
    return None


def _taken_back(store: BundleStore, made: Manifest, live: Manifest) -> bool:
    """Return whether it was live until an older bundle was made live. If a newer one replaced it, it is merely outdated."""
    return made.version == store.previous() and made.created_at > live.created_at
