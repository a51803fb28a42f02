"""One task of a report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from shelfwise_pipeline.evaluation.rows import Row, write_rows


@dataclass(frozen=True, slots=True)
class Section:
    """What was asked and what counts as right (`protocol`), and its rows: metric by metric, the best first."""

    name: str
    title: str
    protocol: str
    rows: Sequence[Row] = ()
    skipped: str | None = None
    """Why there are no rows."""
    notes: Sequence[str] = ()
    """What the reader has to know beside the figures."""

    def by_metric(self) -> Iterator[tuple[str, list[Row]]]:
        """Each metric with its rows."""
        for metric, rows in groupby(self.rows, key=lambda row: row.metric):
            yield metric, list(rows)


def write_json(path: Path, sections: Sequence[Section]) -> None:
    """The rows of all as one list; the folder is made if need be."""
    write_rows(path, [row for section in sections for row in section.rows])
