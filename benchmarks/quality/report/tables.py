"""Prints a table for each task on the console, then the goals."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from shelfwise_pipeline.evaluation.report.page import Verdict
from shelfwise_pipeline.evaluation.report.section import Section
from shelfwise_pipeline.evaluation.report.tables import tables

MARKS = {True: "[green]met[/]", False: "[red]missed[/]", None: "–"}


def show(console: Console, sections: Sequence[Section], verdicts: Sequence[Verdict]) -> None:
    """Print everything."""
    for section in sections:
        if section.skipped:
            console.print(f"[bold]{section.title}[/]: skipped, {section.skipped}")
        for table in tables(section):
            console.print(table)
        for note in section.notes:
            console.print(f"[yellow]{note}[/]")
    if verdicts:
        console.print(_goals(verdicts))


def _goals(verdicts: Sequence[Verdict]) -> Table:
    table = Table(title="Goals", title_justify="left")
    for heading in ("goal", "expected", "found", ""):
        table.add_column(heading)
    for verdict in verdicts:
        table.add_row(verdict.goal, verdict.expected, verdict.found, MARKS[verdict.met])
    return table
