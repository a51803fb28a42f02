"""`shelfwise outcomes`: what came of the answers that shoppers saw."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from shelfwise_pipeline.database import connect
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.evaluation.report.tables import report_console
from shelfwise_pipeline.evaluation.rows import write_list
from shelfwise_pipeline.outcomes.counting import count
from shelfwise_pipeline.outcomes.report import by_scenario, experiments, heavy_shopper, of_experiment, rows
from shelfwise_pipeline.outcomes.split import not_as_drawn
from shelfwise_pipeline.prepare import database
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings

MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class NothingCounted(PipelineError):
    """No event names an answer."""


class NoSuchExperiment(PipelineError):
    """Answers were seen of at most one side of it."""


def outcomes(
    days: Annotated[float, typer.Option(min=0.01, max=36_500, help="Number of days whose events are counted.")] = 30,
    until: Annotated[
        datetime | None,
        typer.Option(
            help="Count events before this moment (UTC) instead of now: 2026-11-20, 2026-11-20T18:00.",
            formats=MOMENTS,
            metavar="MOMENT",
        ),
    ] = None,
    within_hours: Annotated[
        float,
        typer.Option(
            min=0,
            max=8_760,
            help="A cart or purchase that names no answer belongs to the answer of the shopper's last view of that product, if "
            "the view was less than this many hours before.",
        ),
    ] = 24,
    share: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCENARIO=SHARE",
            help="The share of the scenario's experiment. You are warned if the split of the shoppers differs from it by more "
            "than chance.",
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write all figures to this file as JSON.")] = None,
) -> None:
    """Show what shoppers did with the answers that they saw, by scenario, and which side of an experiment did better."""
    console, settings, shares = report_console(), PipelineSettings(), dict(_share(one) for one in share or [])
    end = datetime.now(UTC) if until is None else until.replace(tzinfo=UTC)
    try:
        since = end - timedelta(days=days)
    except OverflowError:  # that is before the first day that there is
        since = datetime.min.replace(tzinfo=UTC)
    with database(settings, Steps(console)) as url, connect(url, autocommit=True) as connection:
        arms = count(connection, since, end, timedelta(hours=within_hours))
    if not arms:
        earlier = "" if until is None else f" before {end:%Y-%m-%d %H:%M} UTC"
        raise NothingCounted(
            f"expected events of the last {days:g} days{earlier} that name an answer, found none; send the answers' request_id "
            "with impressions, views, carts and purchases"
        )
    console.print(by_scenario(arms))
    for heavy in filter(None, map(heavy_shopper, arms)):
        console.print(f"[yellow]{heavy}[/]")
    compared = {before.scenario: (before, others) for before, others in experiments(arms)}
    if missing := shares.keys() - compared.keys():
        known = ", ".join(compared) or "none"
        raise NoSuchExperiment(
            f"expected --share of an experiment whose two scenarios were both shown ({known}), found {min(missing)!r}"
        )
    for name, (before, others) in compared.items():
        for other in others:
            console.print(of_experiment(before, other))
            if name in shares and (problem := not_as_drawn(before, other, shares[name])):
                console.print(f"[yellow]{problem}[/]")
    if unseen := sum(arm.unseen for arm in arms):
        console.print(f"[yellow]{unseen:,} more answers led to events, but no impression names them; they are not counted[/]")
    if report is not None:
        write_list(report, rows(arms))
        console.print(f"written to {report}")


def _share(said: str) -> tuple[str, float]:
    scenario, _, share = said.partition("=")
    try:
        if 0 < (number := float(share)) < 1:
            return scenario, number
    except ValueError:
        pass
    raise typer.BadParameter(f"expected SCENARIO=SHARE with a share between 0 and 1, found {said!r}", param_hint="--share")
