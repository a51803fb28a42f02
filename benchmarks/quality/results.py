"""What came of each task."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shelfwise_pipeline.evaluation.rows import Row, write_rows


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one task: its rows, or why there are none."""

    task: str
    rows: Sequence[Row] = ()
    skipped: str | None = None
    notes: Sequence[str] = ()
    """What the reader has to know beside the figures."""


def write_json(path: Path, outcomes: Sequence[Outcome]) -> None:
    """All rows as one list."""
    write_rows(path, [row for outcome in outcomes for row in outcome.rows])
