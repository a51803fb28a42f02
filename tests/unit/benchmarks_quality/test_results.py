"""The rows of results, and the verdicts on goals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest

pytest.importorskip("ir_measures")

from benchmarks.quality.goals import AtLeast, TimesBest, TimesGain, verdicts
from shelfwise_pipeline.evaluation.bootstrap import Interval
from shelfwise_pipeline.evaluation.report.section import Section, write_json
from shelfwise_pipeline.evaluation.rows import Row, rows_of


def test_the_difference_between_two_systems_is_paired() -> None:
    """Both vary far more than they differ: unpaired intervals would overlap."""
    peer = np.random.default_rng(0).random(200)
    rows = rows_of("task", ["m"], {"shelfwise": {"m": peer + 0.01}, "peer": {"m": peer}}, "shelfwise")
    assert [row.system for row in rows] == ["shelfwise", "peer"]
    difference = rows[1].difference
    assert difference is not None
    assert difference.low == pytest.approx(0.01)
    assert rows[0].low < rows[1].high
    assert rows[0].difference is None


def test_questions_without_a_value_are_left_out_for_all_systems() -> None:
    found = {"shelfwise": {"m": np.array([1.0, np.nan, 0.0])}, "peer": {"m": np.array([0.0, np.nan, 0.0])}}
    rows = rows_of("task", ["m"], found, "shelfwise")
    assert [(row.value, row.n) for row in rows] == [(0.5, 2), (0.0, 2)]


def test_the_json_is_one_list_of_flat_rows(tmp_path: Path) -> None:
    rows = [Row("t", "shelfwise", "m", 0.5, 0.4, 0.6, 10), Row("t", "peer", "m", 0.4, 0.3, 0.5, 10, Interval(0.1, 0.05, 0.15))]
    write_json(tmp_path / "new" / "evaluation.json", [Section("t", "", "", rows), Section("u", "", "", skipped="no data")])
    ours, peer = orjson.loads((tmp_path / "new" / "evaluation.json").read_bytes())
    assert ours == {"task": "t", "system": "shelfwise", "metric": "m", "value": 0.5, "low": 0.4, "high": 0.6, "n": 10}
    assert peer["difference"] == {"value": 0.1, "low": 0.05, "high": 0.15}


def _row(system: str, value: float, low: float = 0.01) -> Row:
    return Row("t", system, "m", value, value, value, 10, None if system == "shelfwise" else Interval(0.02, low, 0.03))


def test_the_rival_is_the_best_single_baseline_and_never_a_fusion() -> None:
    rows = [_row("shelfwise", 0.24), _row("weak", 0.1), _row("strong", 0.2), _row("rank fusion: both", 0.5)]
    verdict = TimesBest("t", "m", 1.2).verdict(rows)
    assert verdict.met is True
    assert verdict.found.startswith("1.200 (strong")
    assert TimesBest("t", "m", 1.21).verdict(rows).met is False
    assert TimesBest("t", "m", 2.0, rival="weak").verdict(rows).met is True


def test_a_sure_goal_is_missed_if_the_difference_may_be_chance() -> None:
    rows = [_row("shelfwise", 0.24), _row("strong", 0.2, low=-0.01)]
    assert TimesBest("t", "m", 1.1).verdict(rows).met is True
    assert TimesBest("t", "m", 1.1, surely=True).verdict(rows).met is False


def test_times_gain_compares_gains_over_random_order() -> None:
    rows = [_row("shelfwise", 0.924), _row("random", 0.9), _row("encoder", 0.92)]
    assert TimesGain("t", "m", "encoder", 1.2).verdict(rows).met is True
    assert TimesGain("t", "m", "encoder", 1.21).verdict(rows).met is False


def test_a_goal_that_was_not_measured_is_neither_met_nor_missed() -> None:
    for goal in (TimesBest("t", "m", 1.1), TimesGain("t", "m", "encoder", 1.2), AtLeast("t", "m", 0.5)):
        assert goal.verdict([_row("strong", 0.2)]).met is None
    assert AtLeast("t", "m", 0.5).verdict([_row("shelfwise", 0.5)]).met is True


def test_the_best_baseline_is_unknown_if_only_some_systems_were_measured() -> None:
    rows = [
        replace(_row(system, value), task=task, metric=metric)
        for task, metric in (("online-retail-together", "ndcg@10"), ("instacart-last-order", "recall@10"))
        for system, value in (("shelfwise", 0.24), ("random", 0.1), ("own frequency", 0.2))
    ]
    sections = [
        Section(task, "", "", [row for row in rows if row.task == task]) for task in dict.fromkeys(r.task for r in rows)
    ]
    assert [one.met for one in verdicts(sections, all_systems=True)] == [True, True]
    best, named = verdicts(sections, all_systems=False)
    assert (best.met, best.found) == (None, "not measured")
    assert named.met is True
