"""The page of one run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from shelfwise_pipeline.evaluation.report.page import Page, Verdict
from shelfwise_pipeline.evaluation.report.page import write_page as write
from shelfwise_pipeline.evaluation.report.section import Section

INTRO = (
    "Shelfwise and the libraries an engineer would reach for, on public data of real shops. Every system gets the same past "
    "and the same questions."
)


def write_page(path: Path, sections: Sequence[Section], verdicts: Sequence[Verdict], facts: Mapping[str, str]) -> None:
    """Write it; `facts` by what they are facts of."""
    write(path, Page(INTRO, sections, "python -m benchmarks.quality", facts, verdicts))
