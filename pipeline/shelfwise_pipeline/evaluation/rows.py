"""The rows of a report: one figure of one system each, with its uncertainty and what it differs by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from shelfwise_pipeline.evaluation.bootstrap import Interval, mean_interval

Values = Mapping[str, NDArray[np.float64]]
"""By metric: one figure for each question, in their order; NaN where the metric does not apply to a question."""

OURS = "shelfwise"
"""What Shelfwise is called in a report, beside what it is compared with."""

BEFORE = "ranker before"
"""The system that was a bundle's ranker until trees learned from what was shown were added to it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one system. `difference` is our figure minus this one's, question by question; None for our own row."""

    task: str
    system: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    difference: Interval | None = None

    def as_json(self) -> dict[str, Any]:
        """The row without what it lacks."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Row":
        """The inverse of as_json."""
        difference = row.get("difference")
        return cls(**{**row, "difference": None if difference is None else Interval(**difference)})


def rows_of(
    task: str, metrics: Sequence[str], found: Mapping[str, Values], ours: str, askers: NDArray[np.int64] | None = None
) -> list[Row]:
    """The rows of a task from the figures of each system: metric by metric, the best first.

    `ours` names the system that the others are compared with; it may be absent. A question that a metric does not apply to
    (NaN) is left out, for all systems alike. `askers`: see mean_interval.
    """
    rows: list[Row] = []
    for metric in metrics:
        own = found[ours][metric] if ours in found else None
        of_metric = []
        for system, values in found.items():
            applies = np.isfinite(values[metric])
            of_whom = askers[applies] if askers is not None else None
            mean = mean_interval(values[metric][applies], of_whom)
            difference = None
            if own is not None and system != ours:
                difference = mean_interval(own[applies] - values[metric][applies], of_whom)
            of_metric.append(Row(task, system, metric, mean.value, mean.low, mean.high, int(applies.sum()), difference))
        rows += sorted(of_metric, key=lambda row: -row.value)
    return rows


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as one JSON list; the folder is made if need be."""
    write_list(path, [row.as_json() for row in rows])


def write_list(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """As `write_rows`, of rows that are ready for JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
