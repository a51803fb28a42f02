"""The command, where there is little to measure."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("implicit")
pytest.importorskip("bm25s")
pytest.importorskip("ir_measures")

from benchmarks.quality.__main__ import main

Command = Callable[..., str | int | None]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs it over a data folder without data; what it exits with."""

    def run(*options: str) -> str | int | None:
        monkeypatch.setattr(sys, "argv", ["quality", "--data", str(tmp_path), *options])
        with pytest.raises(SystemExit) as stopped:
            main()
        return stopped.value.code

    return run


def test_a_run_that_measures_nothing_leaves_the_report_of_an_earlier_one(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "evaluation.json"
    report.write_text("of an hour")
    code = command("--task", "home-depot-rerank", "--report", str(report))
    assert code == "nothing was measured: every task was skipped"
    assert "home-depot-relevance/judgements.csv.gz" in capsys.readouterr().out
    assert report.read_text() == "of an hour"
    assert not report.with_suffix(".html").exists()
