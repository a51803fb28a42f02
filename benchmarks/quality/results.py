"""The rows of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks.quality.bootstrap import Interval, mean_interval
from benchmarks.quality.judging import Values
from benchmarks.quality.protocol import OURS


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one system. `difference` is Shelfwise's figure minus this one's, question by question."""

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one task: its rows, or why there are none."""

    task: str
    rows: Sequence[Row] = ()
    skipped: str | None = None
    notes: Sequence[str] = ()
    """What the reader has to know beside the figures."""


def rows_of(task: str, metrics: Sequence[str], found: Mapping[str, Values]) -> list[Row]:
    """The rows of a task from the figures of each system: metric by metric, the best first.

    A question that a metric does not apply to (NaN) is left out, for all systems alike.
    """
    rows: list[Row] = []
    for metric in metrics:
        ours = found[OURS][metric] if OURS in found else None
        of_metric = []
        for system, values in found.items():
            applies = np.isfinite(values[metric])
            mean = mean_interval(values[metric][applies])
            difference = None
            if ours is not None and system != OURS:
                difference = mean_interval(ours[applies] - values[metric][applies])
            of_metric.append(Row(task, system, metric, mean.value, mean.low, mean.high, int(applies.sum()), difference))
        rows += sorted(of_metric, key=lambda row: -row.value)
    return rows


def write_json(path: Path, outcomes: Sequence[Outcome]) -> None:
    """All rows as one list."""
    rows = [row.as_json() for outcome in outcomes for row in outcome.rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
