"""The rows of a report: each one value of one system, with its uncertainty and its difference from ours."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from shelfwise_pipeline.evaluation.bootstrap import Interval, mean_interval

Values = Mapping[str, NDArray[np.float64]]
"""By metric: one value per question, in their order; NaN where the metric does not apply to a question."""

OURS = "shelfwise"
"""The name of Shelfwise in a report, among the systems that it is compared with."""

BEFORE = "ranker before"
"""The bundle's ranker before trees learned from the log were added to it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one system. `difference` is our value minus this one, paired by question; None for our own row."""

    task: str
    system: str
    metric: str
    value: float
    low: float
    high: float
    n: int
    difference: Interval | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the row without its missing values."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Row":
        """The inverse of `as_json`."""
        difference = row.get("difference")
        return cls(**{**row, "difference": None if difference is None else Interval(**difference)})


def rows_of(
    task: str, metrics: Sequence[str], found: Mapping[str, Values], ours: str, askers: NDArray[np.int64] | None = None
) -> list[Row]:
    """Return the rows of a task from the values of each system: metric by metric, the best first.

    `ours` names the system that the others are compared with; it may be absent. A question that a metric does not apply to
    (NaN) is left out for all systems. `askers`: see `mean_interval`.
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
    """Write the rows as one JSON list. The folder is created if necessary."""
    write_list(path, [row.as_json() for row in rows])


def write_list(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Like `write_rows`, for rows that are ready for JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
