"""The output of every reader: chunks of rows as text, and the lines that could not be read as rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from shelfwise_pipeline.importing.columns import LINE, MENDED
from shelfwise_pipeline.importing.report import Action, ImportReport

CHUNK_ROWS = 50_000
SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class RowProblem:
    """A line that is not a row (refused), or one that was read although its bytes are not as they should be (mended)."""

    line: int
    rule: str
    action: Action
    reason: str
    text: str


@dataclass
class RawChunk:
    """`frame` has one text column for every column of the file, `line`, and MENDED. Blank fields are null."""

    frame: pl.DataFrame
    problems: list[RowProblem] = field(default_factory=list)

    def report_problems(self, report: ImportReport) -> None:
        """Adds the problems to the report. Lines that are not rows count as read and refused."""
        kinds = dict.fromkeys((problem.rule, problem.action, problem.reason) for problem in self.problems)
        for rule, action, reason in kinds:
            lines = [(problem.line, problem.text[:SHOWN_CHARACTERS]) for problem in self.problems if problem.rule == rule]
            rows = pl.DataFrame(lines, schema={"line": pl.Int64, "value": pl.String}, orient="row")
            report.found(rule, "(row)", action, reason, rows)
            if action == "refused":
                report.read += rows.height
                report.refused += rows.height


def chunk_of(
    columns: Sequence[str], values: Sequence[Sequence[str | None]], lines: Sequence[int], problems: list[RowProblem]
) -> RawChunk:
    """Return a chunk from rows of text, each as long as `columns`."""
    mended = {problem.line for problem in problems if problem.action == "mended"}
    frame = pl.DataFrame(values, schema=dict.fromkeys(columns, pl.String), orient="row").with_columns(
        pl.Series(LINE, lines, dtype=pl.Int64), pl.Series(MENDED, [line in mended for line in lines], dtype=pl.Boolean)
    )
    return RawChunk(frame, problems)


def distinct_names(header: Sequence[str]) -> list[str]:
    """Return the columns' names, stripped: empty names are numbered, and duplicates get a suffix (`price`, `price.2`)."""
    names: list[str] = []
    for place, name in enumerate((name.strip() for name in header), start=1):
        wanted = name or f"column_{place}"
        wanted = f"{wanted}_" if wanted in (LINE, MENDED) else wanted
        number = 1
        unique = wanted
        while unique in names:
            number += 1
            unique = f"{wanted}.{number}"
        names.append(unique)
    return names
