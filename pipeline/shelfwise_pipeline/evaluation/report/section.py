"""One task of a report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from shelfwise_pipeline.evaluation.rows import Row, write_rows


@dataclass(frozen=True, slots=True)
class Section:
    """A task: what was asked and what counts as right (`protocol`), and its rows, metric by metric, the best first."""

    name: str
    title: str
    protocol: str
    rows: Sequence[Row] = ()
    skipped: str | None = None
    """Why there are no rows."""
    notes: Sequence[str] = ()
    """What readers must know to understand the values."""

    def by_metric(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield each metric with its rows."""
        for metric, rows in groupby(self.rows, key=lambda row: row.metric):
            yield metric, list(rows)


def write_json(path: Path, sections: Sequence[Section]) -> None:
    """Write the rows of all sections as one list. The folder is created if necessary."""
    write_rows(path, [row for section in sections for row in section.rows])
