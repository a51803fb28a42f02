"""Before and after a build: bundles that are not kept any more go, and whatever the database holds for them only."""

from datetime import timedelta

from shelfwise.bundle import BundleStore
from shelfwise_pipeline.building.retention import keep_newest, sweep
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.database.pruning import prune
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings


def make_room(settings: PipelineSettings, steps: Steps) -> None:
    """Before a build, which a full disk would end: bundles that are not kept go, and what is left of unfinished ones."""
    for problem in (sweep(settings.bundles), keep_newest(settings.bundles, settings.keep_bundles)):
        if problem is not None:
            steps.console.print(f"[yellow]{problem}[/]")


def tidy(url: str, settings: PipelineSettings, steps: Steps) -> None:
    """To be done when it is decided which bundle is live. Connects anew: a training may outlast an idle connection."""
    make_room(settings, steps)
    with steps.step("pruning what every bundle contains"), connect(url, autocommit=True) as connection:
        prune(connection, BundleStore(settings.bundles), timedelta(days=settings.prune_vectors_after_days))
