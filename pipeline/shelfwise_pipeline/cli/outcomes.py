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
from shelfwise_pipeline.outcomes.report import by_scenario, experiments, of_experiment, rows
from shelfwise_pipeline.prepare import database
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings


class NothingCounted(PipelineError):
    """No event names an answer."""


def outcomes(
    days: Annotated[float, typer.Option(min=0.01, max=36_500, help="Of events of the last so many days.")] = 30,
    within_hours: Annotated[
        float,
        typer.Option(min=0, max=8_760, help="A purchase that names no answer belongs to that of a look so many hours before."),
    ] = 24,
    report: Annotated[Path | None, typer.Option(help="Write all figures to this file, as JSON.")] = None,
) -> None:
    """What came of the answers that shoppers saw, by scenario, and which side of an experiment did better."""
    console, settings, now = report_console(), PipelineSettings(), datetime.now(UTC)
    with database(settings, Steps(console)) as url, connect(url, autocommit=True) as connection:
        arms = count(connection, now - timedelta(days=days), now, timedelta(hours=within_hours))
    if not arms:
        raise NothingCounted(
            f"expected events of the last {days:g} days that name an answer, found none; send the answers' request_id with "
            "impressions, views, carts and purchases"
        )
    console.print(by_scenario(arms))
    for before, others in experiments(arms):
        for other in others:
            console.print(of_experiment(before, other))
    if unseen := sum(arm.unseen for arm in arms):
        console.print(f"[yellow]{unseen:,} more answers led to something, but no impression names them: not counted[/]")
    if report is not None:
        write_list(report, rows(arms))
        console.print(f"written to {report}")
