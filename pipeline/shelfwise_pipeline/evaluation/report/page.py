"""The report page: self-contained HTML, made from a template and the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shelfwise_pipeline.evaluation.bootstrap import Interval
from shelfwise_pipeline.evaluation.report.chart import Chart, chart
from shelfwise_pipeline.evaluation.report.section import Section
from shelfwise_pipeline.evaluation.report.tables import difference
from shelfwise_pipeline.evaluation.rows import Row

TEMPLATE = "page.html.jinja"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status of a goal that has to be shown. `met` is None if a required value is missing."""

    goal: str
    expected: str
    found: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Figures:
    """One metric of a task, as the page shows it."""

    metric: str
    rows: Sequence[Row]
    chart: Chart

    @classmethod
    def of(cls, section: Section) -> list["Figures"]:
        """Return the figures of each metric."""
        return [cls(metric, rows, chart(f"{section.title}: {metric}", rows)) for metric, rows in section.by_metric()]


@dataclass(frozen=True, slots=True)
class Page:
    """The contents of the page: `intro` before the tasks; at the end `facts`, by subject, and the command that makes the
    page."""

    intro: str
    sections: Sequence[Section]
    again: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Sequence[Verdict] = ()


def write_page(path: Path, page: Page) -> None:
    """Write the page. Its folder is created if necessary."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figures"] = Figures.of
    environment.filters["difference"] = difference
    environment.filters["tone"] = tone
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(environment.get_template(TEMPLATE).render(page=page), encoding="utf-8")


def tone(found: Interval | None) -> str:
    """Return "good" if a difference is surely in our favor, "bad" if it is surely against us, and "" otherwise."""
    if found is None or found.low <= 0 <= found.high:
        return ""
    return "good" if found.low > 0 else "bad"
