"""The HTML page of one run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from shelfwise_pipeline.evaluation.report.page import Page, Verdict
from shelfwise_pipeline.evaluation.report.page import write_page as write
from shelfwise_pipeline.evaluation.report.section import Section

COMMAND = "python -m benchmarks.quality"
SYSTEMS = "Shelfwise and the libraries an engineer would reach for"
RULES = "All systems get the same past and the same questions."
OF_PUBLIC_SETS = f"{SYSTEMS}, on public data of real shops. {RULES}"
OF_THE_SHOP = f"{SYSTEMS}, on this shop's own data. {RULES}"


def write_page(
    path: Path,
    sections: Sequence[Section],
    verdicts: Sequence[Verdict],
    facts: Mapping[str, str],
    *,
    intro: str = OF_PUBLIC_SETS,
    again: str = COMMAND,
) -> None:
    """Write the page. `facts`: by name. `again`: the command that makes it."""
    write(path, Page(intro, sections, again, facts, verdicts))
