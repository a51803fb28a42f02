"""Tables for the console: one per task and metric, and one of all tasks."""

import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from shelfwise_pipeline.evaluation.bootstrap import Interval
from shelfwise_pipeline.evaluation.report.section import Section
from shelfwise_pipeline.evaluation.rows import OURS, Row


def report_console() -> Console:
    """Return a console wide enough for the tables, even if the output is not a terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def tables(section: Section) -> Iterator[Table]:
    """Yield the tables of one task."""
    for metric, rows in section.by_metric():
        yield _table(f"{section.title}, {metric}", rows)


def overview(sections: Sequence[Section]) -> Table:
    """Return a table with a line for each task and metric: our value and the best of the others."""
    table = Table(title="How good the answers are", title_justify="left")
    table.add_column("question and metric")
    table.add_column("Shelfwise", justify="right")
    table.add_column("best other system")
    table.add_column("difference", justify="right")
    for section in sections:
        for metric, rows in section.by_metric():
            own = [row for row in rows if row.system == OURS]
            others = [row for row in rows if row.system != OURS]
            shown = f"{own[0].value:.3f} [{own[0].low:.3f}, {own[0].high:.3f}]" if own else "–"
            best = max(others, key=lambda row: row.value, default=None)
            other = ("–", "–") if best is None else (f"{best.value:.3f}, {best.system}", difference(best.difference))
            table.add_row(f"{section.title}, {metric}", shown, *other)
    return table


def difference(found: Interval | None) -> str:
    """Return `+0.012 [+0.004, +0.020]`, or a dash."""
    return "–" if found is None else f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _table(title: str, rows: Sequence[Row]) -> Table:
    table = Table(title=f"{title} ({rows[0].n:,} questions)", title_justify="left")
    table.add_column("system")
    for heading in ("value", "95 % interval", "Shelfwise − system"):
        table.add_column(heading, justify="right")
    for row in rows:
        style = "bold" if row.system == OURS else ""
        interval = f"[{row.low:.3f}, {row.high:.3f}]"
        table.add_row(row.system, f"{row.value:.3f}", interval, difference(row.difference), style=style)
    return table
