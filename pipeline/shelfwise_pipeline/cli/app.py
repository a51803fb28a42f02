"""The `shelfwise` command: one short function a verb."""

import os
import sys
from contextlib import suppress
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shelfwise.bundle import BundleStore
from shelfwise.errors import BundleError, BundleMismatch
from shelfwise.setting_names import slips
from shelfwise_pipeline.building.tidying import forget_old_events, make_room, tidy
from shelfwise_pipeline.cli.ending import end_like_an_exception, said_of
from shelfwise_pipeline.cli.evaluating import evaluate
from shelfwise_pipeline.cli.expected import sentence
from shelfwise_pipeline.cli.importing import import_files
from shelfwise_pipeline.cli.outcomes import outcomes
from shelfwise_pipeline.cli.recommend import recommend
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.database.pruning import prune as prune_database
from shelfwise_pipeline.demo.importing import import_demo
from shelfwise_pipeline.launcher.run import run as run_everything
from shelfwise_pipeline.prepare import build_if_stale, database, prepared_database
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.publishing.publish import publish as make_live
from shelfwise_pipeline.publishing.publish import rollback as go_back
from shelfwise_pipeline.settings import PipelineSettings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Product recommendations on your own machines.",
)
console = Console(highlight=False)


def main() -> None:
    """Run the command; an expected problem is a sentence and exit code 1, not a traceback."""
    end_like_an_exception()
    for slip in slips(os.environ):
        _tell(slip, "yellow")
    try:
        app()
    except SystemExit as end:
        if said := said_of(end.code):
            with suppress(OSError):  # of a terminal that is gone
                _tell(said, "yellow")
        raise
    except Exception as problem:
        said = sentence(problem)
        if said is None:
            raise
        _tell(said, "red")
        sys.exit(1)


def _tell(said: str, style: str) -> None:
    Console(stderr=True, highlight=False).print(f"shelfwise: {said}", style=style, markup=False, soft_wrap=True)


@app.command()
def run(
    port: Annotated[
        int,
        typer.Option(
            min=1, help="Port of the gateway. The other services use ports 101 to 103 above it, each further replica 10 more."
        ),
    ] = 8000,
    replicas: Annotated[int, typer.Option(min=1, max=4, help="Number of retrievers and of rankers.")] = 1,
) -> None:
    """Start everything on this machine: import the demo shop into an empty database, build a bundle if needed, serve."""
    run_everything(PipelineSettings(), port=port, replicas=replicas, console=console)


@app.command()
def prepare() -> None:
    """Do what `run` does before it serves: update the schema, import the demo shop into an empty database, build if needed."""
    with prepared_database(PipelineSettings(), Steps(console)):
        console.print("database and bundle are ready to be served")


@app.command()
def migrate() -> None:
    """Update the database schema to this release."""
    with database(PipelineSettings(), Steps(console)):
        console.print("the schema is current")


@app.command()
def demo() -> None:
    """Import the demo shop (Complete Journey: a grocer's catalog and a year of purchases)."""
    settings, steps = PipelineSettings(), Steps(console)
    with database(settings, steps) as url, connect(url, autocommit=True) as connection:
        import_demo(connection, settings.demo, steps)


app.command("import")(import_files)
app.command()(evaluate)
app.command()(outcomes)
app.command()(recommend)


@app.command()
def build(
    force: Annotated[bool, typer.Option("--force", help="Build even if nothing has changed.")] = False,
    live: Annotated[
        bool,
        typer.Option(
            "--publish/--no-publish",
            help="Make the bundle live, if the gates allow it. --no-publish builds even if nothing has changed.",
        ),
    ] = True,
) -> None:
    """Build a bundle from the current data: embed, index, train, evaluate."""
    from shelfwise_pipeline.building.build import build as build_bundle  # see prepare.build_if_stale

    settings, steps = PipelineSettings(), Steps(console)
    with database(settings, steps) as url:
        if not force and live:
            console.print(build_if_stale(url, settings, steps))
            return
        make_room(settings, steps)
        with connect(url, autocommit=True) as connection:
            forget_old_events(connection, settings, steps)
            version = build_bundle(connection, settings, steps).version
        console.print(f"built {version}")
        try:
            if live:
                make_live(BundleStore(settings.bundles), version)
                console.print(f"{version} is live")
        finally:
            tidy(url, settings, steps)


@app.command()
def publish(
    version: Annotated[str, typer.Argument(help="A version from `shelfwise bundles`.")],
    force: Annotated[bool, typer.Option("--force", help="Publish even if the gates refuse it.")] = False,
) -> None:
    """Make a bundle live, if the gates allow it. Running services load it within seconds."""
    make_live(BundleStore(PipelineSettings().bundles), version, force=force)
    console.print(f"{version} is live")


@app.command()
def rollback() -> None:
    """Return to the bundle that was live before."""
    console.print(f"{go_back(BundleStore(PipelineSettings().bundles))} is live again")


@app.command()
def prune() -> None:
    """Delete old data: changes that every kept bundle contains, vectors of texts that no product has any more, old events.

    Every build does the same.
    """
    settings, steps = PipelineSettings(), Steps(console)
    with database(settings, steps) as url, connect(url, autocommit=True) as connection:
        grace = timedelta(days=settings.prune_vectors_after_days)
        pruned = prune_database(connection, BundleStore(settings.bundles), grace)
        events = forget_old_events(connection, settings, steps)
        console.print(f"deleted {pruned.changes:,} changes, {pruned.vectors:,} vectors and {events:,} events")
        if pruned.kept_for is not None:
            console.print(f"[yellow]{pruned.kept_for}[/]")


@app.command()
def bundles() -> None:
    """List the bundles: → is the live one, ↩ the one that `rollback` returns to."""
    store = BundleStore(PipelineSettings().bundles)
    versions = store.versions()
    if not versions:
        console.print(f"no bundle at {store.address}; `shelfwise build` makes one", markup=False, soft_wrap=True)
        return
    marks = {store.previous(): "↩", store.live(): "→"}
    table = Table("", "version", "products", "built", "MB")
    for version in versions:
        try:
            manifest = store.manifest(version)
        except BundleError as error:
            what = "another release's" if isinstance(error, BundleMismatch) else "damaged"
            table.add_row(marks.get(version, ""), version, "", what, "")
            continue
        size = sum(entry.bytes for entry in manifest.files.values()) / 1e6
        products = f"{manifest.catalog.get('products', 0):,}"
        table.add_row(marks.get(version, ""), version, products, f"{manifest.created_at:%Y-%m-%d %H:%M}", f"{size:.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
