"""Builds a bundle from the database: reads the shop, makes the parts, puts the bundle in place."""

from dataclasses import asdict, replace
from typing import Any

import psycopg
from rich.markup import escape

from shelfwise.bundle import BundleWriter, Manifest
from shelfwise_pipeline.building.crowds import crowds
from shelfwise_pipeline.building.parts import make_parts
from shelfwise_pipeline.building.reading import read_shop
from shelfwise_pipeline.building.recent import read_position, write_recent
from shelfwise_pipeline.building.staleness import labelled
from shelfwise_pipeline.encoder.tuning.tune import EncoderChoice, published, tuned
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.evaluation.evaluate import FILE as EVALUATION_FILE
from shelfwise_pipeline.evaluation.of_bundle import sections_of
from shelfwise_pipeline.evaluation.report.tables import overview
from shelfwise_pipeline.evaluation.rows import write_rows
from shelfwise_pipeline.examples.from_log import read_logged
from shelfwise_pipeline.examples.split import why_unlearned
from shelfwise_pipeline.importing import fingerprint, snapshot, written_at
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training.from_log import learn_from_log
from shelfwise_pipeline.training.plan import QUICK, THOROUGH, Plan
from shelfwise_ranker.model import KIND_OF


class EmptyCatalog(PipelineError):
    """The database has nothing to build from."""


def build(connection: psycopg.Connection[Any], settings: PipelineSettings, steps: Steps) -> Manifest:
    """Make a bundle of the database's present state and put it in place. Publishing it and tidying up are left to the caller.

    The connection is used only before the training.

    Raises:
        EmptyCatalog: the database has no products.
        WeightsError: there is no usable encoder checkpoint.
        TuningUnavailable: the settings ask for a tuned encoder, and torch is not installed.
    """
    with steps.step("reading the shop"), snapshot(connection):
        state, position = fingerprint(connection), read_position(connection)
        last_change_at = written_at(connection, state.last_change)
        shop = read_shop(connection, settings, state.last_event_at)
        logged = {model: read_logged(connection, model, position.at) for model in KIND_OF}
    if shop.products.is_empty():
        raise EmptyCatalog("expected products in the database, found none; import some first")
    if not shop.events.is_empty() and shop.periods() is None:
        steps.console.print(f"[yellow]{why_unlearned(shop.events)}[/]")
    for crowd in crowds(shop.events):
        steps.console.print(f"[yellow]{escape(crowd)}[/]")
    encoder = _encoder(shop, settings, steps)
    shop = replace(shop, judgements=encoder.judgements)
    with BundleWriter(settings.bundles) as writer:
        parts = make_parts(shop, writer.folder, encoder.build, encoder.cache, steps, plan_of(settings, steps))
        write_recent(writer.folder / "ranker", shop.events, position)
        with steps.step("learning from logged requests"):
            learned = learn_from_log(writer.folder / "ranker", logged)
        rows = learned.among(parts.ranker.evaluation)
        write_rows(writer.folder / "ranker" / EVALUATION_FILE, rows)
        manifest = writer.finish(
            data_fingerprint=labelled(state.digest),
            last_change=state.last_change,
            last_change_at=last_change_at,
            encoder=parts.description.model_dump(mode="json", exclude={"probe"}),
            catalog=parts.catalog,
            events=state.events,
            judgements=state.judgements,
            features=parts.ranker.features,
            evaluation={
                "encoder": asdict(encoder.outcome) if encoder.outcome else None,
                "trained_on": parts.ranker.trained_on,
                "trees": parts.ranker.trees | learned.trees,
                "rows": [row.as_json() for row in rows],
            },
        )
    if sections := sections_of(manifest):
        steps.console.print(overview(sections))
    return manifest


def plan_of(settings: PipelineSettings, steps: Steps) -> Plan:
    """Return the training plan: thorough if the settings give time for tuning, quick for the small demo shop, the default
    otherwise."""
    if settings.tuning_s:
        return replace(THOROUGH, tuning_s=settings.tuning_s)
    if settings.demo == "small":
        steps.console.print("SHELFWISE_DEMO=small: the rankers learn from a third of the questions, to be quick")
        return QUICK
    return Plan()


def _encoder(shop: Shop, settings: PipelineSettings, steps: Steps) -> EncoderChoice:
    cache = settings.var / "cache" / "encoder"
    if not settings.tune_encoder:
        return published(shop, cache, settings.encoder)
    with steps.step("tuning the encoder on judgements") as advance:
        chosen = tuned(shop, cache, advance, settings.encoder)
    steps.console.print(chosen.summary)
    return chosen
