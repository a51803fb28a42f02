"""The page: self-contained HTML, made from a template and the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from benchmarks.quality.goals import Verdict
from benchmarks.quality.report.chart import Chart, chart
from benchmarks.quality.report.tables import difference
from benchmarks.quality.results import Outcome
from benchmarks.quality.task import TaskSpec
from shelfwise_pipeline.evaluation.bootstrap import Interval
from shelfwise_pipeline.evaluation.rows import Row

TEMPLATE = "page.html.jinja"


@dataclass(frozen=True, slots=True)
class Figures:
    """One metric of a task."""

    metric: str
    rows: Sequence[Row]
    chart: Chart


@dataclass(frozen=True, slots=True)
class Section:
    """One task."""

    name: str
    title: str
    protocol: str
    skipped: str | None
    notes: Sequence[str]
    figures: Sequence[Figures]


def write_page(
    path: Path, specs: Sequence[TaskSpec], outcomes: Sequence[Outcome], verdicts: Sequence[Verdict], facts: Mapping[str, Any]
) -> None:
    """Write the page of one run."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["difference"] = difference
    environment.filters["tone"] = tone
    told = {spec.name: spec for spec in specs}
    sections = [_section(told[outcome.task], outcome) for outcome in outcomes]
    html = environment.get_template(TEMPLATE).render(sections=sections, verdicts=verdicts, facts=facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")


def tone(found: Interval | None) -> str:
    """Whether a difference is surely for us, surely against us, or neither."""
    if found is None or found.low <= 0 <= found.high:
        return ""
    return "good" if found.low > 0 else "bad"


def _section(spec: TaskSpec, outcome: Outcome) -> Section:
    figures = []
    for metric, found in groupby(outcome.rows, key=lambda row: row.metric):
        rows = list(found)
        figures.append(Figures(metric, rows, chart(f"{spec.title}: {metric}", rows)))
    return Section(spec.name, spec.title, spec.protocol, outcome.skipped, outcome.notes, figures)
