"""Intervals as an SVG chart with one line per system, readable on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from shelfwise_pipeline.evaluation.rows import OURS, Row

WIDTH = 360.0
"""In the drawing's units, about the pixels of a phone."""
LINE = 34.0
LEFT, RIGHT = 8.0, 8.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One system's line: its name above, its interval as a bar, its value as a dot."""

    name: str
    shown: str
    ours: bool
    y: float
    low: float
    dot: float
    high: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the page draws, in the drawing's units."""

    title: str
    width: float
    height: float
    marks: Sequence[Mark]
    ticks: Sequence[Tick]


def chart(title: str, rows: Sequence[Row]) -> Chart:
    """Return the chart of one metric. The scale begins at 0, unless all values are close together and far from it."""
    least, most = min(row.low for row in rows), max(row.high for row in rows)
    begin = least if 0.6 * most <= least < most else 0.0
    most = max(most, 0.01)
    step = _step(most - begin)
    begin, end = step * int(begin / step), step * (int(most / step - 1e-9) + 1)

    def x(value: float) -> float:
        return LEFT + (value - begin) / (end - begin) * (WIDTH - LEFT - RIGHT)

    marks = [
        Mark(row.system, f"{row.value:.3f}", row.system == OURS, LINE * place + 14, x(row.low), x(row.value), x(row.high))
        for place, row in enumerate(rows)
    ]
    count = round((end - begin) / step)
    ticks = [Tick(x(begin + step * number), f"{begin + step * number:.{_decimals(step)}f}") for number in range(count + 1)]
    return Chart(title, WIDTH, LINE * len(rows) + 22, marks, ticks)


def _step(span: float) -> float:
    """Return a round distance that gives about four grid lines."""
    for size in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25):
        if span / size <= 5:
            return size
    return 0.5


def _decimals(step: float) -> int:
    return 3 if step < 0.01 else 1 if step in (0.1, 0.2, 0.5) else 2
