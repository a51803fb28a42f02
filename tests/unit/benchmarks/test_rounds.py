"""Questions are never asked twice of a system; series and comparisons are medians of rounds."""

import json
from pathlib import Path

import pytest

from benchmarks.catalog import BenchmarkError
from benchmarks.serving.report import comparisons, errors_of, write
from benchmarks.serving.rounds import Questions, Round, Sequential, Series


def _series(system: str, clients: int, *rates: float) -> Series:
    rounds = [Round(requests_per_s=rate, p50_ms=1, p99_ms=2, server_cpu_ms=3, client_cpu_us=40, answers=9) for rate in rates]
    return Series(system, clients, rounds)


def test_every_system_walks_through_the_same_questions_at_its_own_pace() -> None:
    questions = Questions(["a", "b", "c", "d"])
    assert questions.next("shelfwise", 3) == ["a", "b", "c"]
    questions.used("shelfwise", 2)
    assert questions.next("shelfwise", 3) == ["c", "d"]
    assert questions.next("monolith", 2) == ["a", "b"]


def test_used_up_questions_raise_benchmark_error() -> None:
    questions = Questions(["a"])
    questions.used("shelfwise", 1)
    with pytest.raises(BenchmarkError, match="all 1 questions were asked of shelfwise"):
        questions.next("shelfwise", 1)


def test_a_series_is_the_median_of_its_rounds() -> None:
    assert _series("shelfwise", 1, 10, 1000, 30).middle("requests_per_s") == 30


def test_comparisons_are_per_number_of_clients() -> None:
    series = [_series("shelfwise", 16, 600, 660), _series("monolith", 16, 100, 120), _series("shelfwise", 1, 50)]
    [one] = comparisons(series)
    assert one["clients"] == 16
    assert one["ratio"] == pytest.approx(630 / 110)
    assert one["range"] == (5.5, 6.0)


def test_errors_of_all_measurements_are_added_up() -> None:
    series = _series("shelfwise", 1, 10)
    series.errors.update({"status 503": 2})
    one_by_one = Sequential("shelfwise", 5, 1.0, None, {"status 503": 1})
    assert errors_of([series], [one_by_one]) == {"shelfwise": {"status 503": 3}}
    assert errors_of([_series("monolith", 1, 10)], []) == {}


def test_the_report_holds_rounds_and_errors_as_json(tmp_path: Path) -> None:
    one = _series("shelfwise", 16, 100.0, 300.0)
    one.errors.update({"9 names instead of 10": 2})
    write(tmp_path / "serving.json", [one], [], {"seed": 7})
    report = json.loads((tmp_path / "serving.json").read_text())
    assert report["seed"] == 7
    assert [each["requests_per_s"] for each in report["series"][0]["rounds"]] == [100.0, 300.0]
    assert report["errors"] == {"shelfwise": {"9 names instead of 10": 2}}
