"""The charts of an evaluation's page."""

import pytest

from shelfwise_pipeline.evaluation.report.chart import chart
from shelfwise_pipeline.evaluation.rows import Row


def test_a_chart_keeps_every_mark_within_its_width() -> None:
    rows = [
        Row("t", name, "m", value, value - 0.01, value + 0.01, 5) for name, value in (("shelfwise", 0.92), ("random", 0.89))
    ]
    drawn = chart("m", rows)
    assert all(0 < mark.low <= mark.dot <= mark.high < drawn.width for mark in drawn.marks)
    assert drawn.marks[0].ours
    assert [float(tick.label) for tick in drawn.ticks] == sorted(float(tick.label) for tick in drawn.ticks)
    assert chart("m", [Row("t", "a", "m", 1.0, 1.0, 1.0, 1), Row("t", "b", "m", 0.0, 0.0, 0.0, 1)]).ticks[0].label == "0.0"


@pytest.mark.parametrize("value", [0.0, 0.75, 1.0])
def test_a_chart_of_equal_figures_begins_at_zero(value: float) -> None:
    drawn = chart("m", [Row("t", "shelfwise", "m", value, value, value, 1)])
    [mark] = drawn.marks
    assert drawn.ticks[0].label.startswith("0.0")
    assert mark.low == mark.dot == mark.high
    assert drawn.ticks[0].x <= mark.dot <= drawn.ticks[-1].x
