"""Tidies up before and after a build: removes bundles that are no longer kept and whatever the database holds only for them."""

from datetime import timedelta
from typing import Any

import psycopg

from shelfwise.bundle import BundleStore
from shelfwise_pipeline.building.retention import keep_newest, sweep
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.database.pruning import prune
from shelfwise_pipeline.database.retention import Retention, prune_events
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings


def make_room(settings: PipelineSettings, steps: Steps) -> None:
    """Remove bundles that are no longer kept and the remains of unfinished ones. Done before a build, which a full disk would
    end."""
    for problem in (sweep(settings.bundles), keep_newest(settings.bundles, settings.keep_bundles)):
        if problem is not None:
            steps.console.print(f"[yellow]{problem}[/]")


def forget_old_events(connection: psycopg.Connection[Any], settings: PipelineSettings, steps: Steps) -> int:
    """Delete events that are no longer kept, and return how many. Done before a build reads them, so that the bundle is built
    from the data that are left."""
    retention = Retention.of_days(settings.events_days, settings.impressions_days)
    if retention == Retention():
        return 0
    with steps.step("deleting events that are no longer kept"):
        return prune_events(connection, retention)


def tidy(url: str, settings: PipelineSettings, steps: Steps) -> None:
    """Tidy up once it is decided which bundle is live. Connects anew, because training may outlast an idle connection."""
    make_room(settings, steps)
    with steps.step("pruning changes that every bundle contains"), connect(url, autocommit=True) as connection:
        prune(connection, BundleStore(settings.bundles), timedelta(days=settings.prune_vectors_after_days))
