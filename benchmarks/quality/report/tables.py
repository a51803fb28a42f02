"""One table a task on the console, then the goals."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from benchmarks.quality.goals import Verdict
from benchmarks.quality.protocol import OURS
from benchmarks.quality.results import Outcome
from shelfwise_pipeline.evaluation.bootstrap import Interval
from shelfwise_pipeline.evaluation.rows import Row

MARKS = {True: "[green]met[/]", False: "[red]missed[/]", None: "–"}


def show(console: Console, titles: Mapping[str, str], outcomes: Sequence[Outcome], verdicts: Sequence[Verdict]) -> None:
    """Print everything."""
    for outcome in outcomes:
        title = titles[outcome.task]
        if outcome.skipped:
            console.print(f"[bold]{title}[/]: skipped, {outcome.skipped}")
        for metric, rows in groupby(outcome.rows, key=lambda row: row.metric):
            console.print(_table(f"{title}, {metric}", list(rows)))
        for note in outcome.notes:
            console.print(f"[yellow]{note}[/]")
    if verdicts:
        console.print(_goals(verdicts))


def _table(title: str, rows: Sequence[Row]) -> Table:
    table = Table(title=f"{title} ({rows[0].n} questions)", title_justify="left")
    table.add_column("system")
    for heading in ("value", "95 % interval", "Shelfwise − system"):
        table.add_column(heading, justify="right")
    for row in rows:
        style = "bold" if row.system == OURS else ""
        interval = f"[{row.low:.3f}, {row.high:.3f}]"
        table.add_row(row.system, f"{row.value:.3f}", interval, difference(row.difference), style=style)
    return table


def difference(found: Interval | None) -> str:
    """`+0.012 [+0.004, +0.020]`, or a dash."""
    return "–" if found is None else f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _goals(verdicts: Sequence[Verdict]) -> Table:
    table = Table(title="What has to be shown", title_justify="left")
    for heading in ("goal", "expected", "found", ""):
        table.add_column(heading)
    for verdict in verdicts:
        table.add_row(verdict.goal, verdict.expected, verdict.found, MARKS[verdict.met])
    return table
