"""The command, where there is little or nothing to measure."""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("implicit")
pytest.importorskip("bm25s")
pytest.importorskip("ir_measures")

from benchmarks.quality.__main__ import main
from benchmarks.quality.data import canonical
from benchmarks.quality.judging import NDCG_10
from benchmarks.quality.peers.chance import Chance
from benchmarks.quality.task import Dataset, Task, TaskSpec
from benchmarks.quality.tasks.next_basket import Times, next_basket
from tests.unit.benchmarks_quality.worlds import FROZEN_AT, lines, products

Command = Callable[..., str | int | None]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command over an empty data folder and returns what it exits with."""

    def run(*options: str) -> str | int | None:
        monkeypatch.setattr(sys, "argv", ["quality", "--data", str(tmp_path), *options])
        with pytest.raises(SystemExit) as stopped:
            main()
        return stopped.value.code

    return run


def test_a_run_that_measures_nothing_keeps_the_report_of_an_earlier_one(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "evaluation.json"
    report.write_text("of an hour")
    code = command("--task", "home-depot-rerank", "--report", str(report))
    assert code == "nothing was measured: every task was skipped"
    assert "home-depot-relevance/judgements.csv.gz" in capsys.readouterr().out
    assert report.read_text() == "of an hour"
    assert not report.with_suffix(".html").exists()


def test_a_leakage_check_that_tries_no_system_fails(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(command("--leakage", "--task", "online-retail-for-you")).startswith("nothing was checked")
    small = _small_task()
    monkeypatch.setattr("benchmarks.quality.subject.TASKS", [small])
    assert command("--leakage", "--only", "random") == 0
    assert str(command("--leakage", "--only", "randon")).startswith("nothing was checked")


def _small_task() -> TaskSpec:
    def build(data: Dataset) -> Task:
        times = Times(FROZEN_AT - timedelta(days=60), FROZEN_AT - timedelta(days=30), FROZEN_AT)
        return next_basket(data.lines, data.products, times, {"ndcg@10": NDCG_10}, [Chance()], new_only=False)

    return TaskSpec(
        "small", "A small task", "", lambda _: Dataset(products(), lines(), canonical.NO_JUDGEMENTS), build, FROZEN_AT
    )
