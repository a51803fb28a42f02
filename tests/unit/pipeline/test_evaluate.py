"""`shelfwise evaluate`, over bundles whose builds measured something."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from shelfwise.bundle import BundleStore, BundleWriter, Manifest
from shelfwise_pipeline.cli.app import app
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.evaluation.of_bundle import WITHOUT_LOG, sections_of
from shelfwise_pipeline.evaluation.rows import BEFORE, Row, rows_of
from shelfwise_pipeline.publishing.publish import publish

TASKS = {"text, catalog": "day-0 ranker", "user, purchases": "ranker"}
"""The system of the bundle that was measured, by task."""


def rows(task: str, ours: str) -> list[Row]:
    """The rows of a hundred questions; "random" is better than ours in one of ten."""
    own = np.full(100, 0.5)
    other = np.where(np.arange(100) % 10 == 0, 0.7, 0.1)
    return rows_of(task, ["ndcg@10"], {ours: {"ndcg@10": own}, "random": {"ndcg@10": other}}, ours)


def build(folder: Path, version: str, found: list[Row]) -> Manifest:
    with BundleWriter(str(folder), version) as writer:
        (writer.part("encoder") / "query.onnx").write_bytes(b"weights")
        return writer.finish(
            data_fingerprint="f",
            last_change=7,
            encoder={},
            catalog={"products": 1200},
            features={},
            evaluation={"rows": [row.as_json() for row in found]},
        )


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHELFWISE_BUNDLES", str(tmp_path / "bundles"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "bundles"


def evaluate(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["evaluate", *arguments])


def written(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_bytes())
    return found


def test_the_live_bundle_is_compared_task_by_task(bundles: Path, tmp_path: Path) -> None:
    build(bundles, "v1", [row for task, ours in TASKS.items() for row in rows(task, ours)])
    publish(BundleStore(str(bundles)), "v1")
    shown = evaluate()
    assert shown.exit_code == 0
    assert "A text, by catalog, ndcg@10 (100 questions)" in shown.output
    assert "A shopper: what comes next, by purchases" in shown.output
    report = written(tmp_path / "reports" / "evaluation.json")
    assert [(row["task"], row["system"], round(row["value"], 2)) for row in report] == [
        (task, system, value) for task in TASKS for system, value in (("shelfwise", 0.5), ("random", 0.16))
    ]
    assert report[1]["difference"]["value"] == pytest.approx(0.34)
    page = (tmp_path / "reports" / "evaluation.html").read_text(encoding="utf-8")
    assert page.count("<svg") == len(TASKS)
    assert "products 1,200" in page


def test_evaluate_takes_a_version_and_a_path_for_its_report(bundles: Path, tmp_path: Path) -> None:
    build(bundles, "v1", rows("text, catalog", "day-0 ranker"))
    deep = tmp_path / "very" / "deep"
    for _ in range(2):
        assert evaluate("v1", "--report", str(deep / "figures.json")).exit_code == 0
    assert written(deep / "figures.json")
    assert (deep / "figures.html").is_file()


def test_a_report_path_that_ends_in_html_is_rejected(bundles: Path, tmp_path: Path) -> None:
    build(bundles, "v1", rows("text, catalog", "day-0 ranker"))
    shown = evaluate("v1", "--report", "figures.html")
    assert (shown.exit_code, (tmp_path / "figures.html").exists()) == (2, False)
    assert "figures.json" in shown.output


def test_a_missing_bundle_or_missing_figures_raise_pipeline_error(bundles: Path) -> None:
    nothing = evaluate().exception
    assert isinstance(nothing, PipelineError)
    assert "expected a live bundle, found none" in str(nothing)
    build(bundles, "v1", [])
    unmeasured = evaluate("v1").exception
    assert isinstance(unmeasured, PipelineError)
    assert "expected figures in v1, found none" in str(unmeasured)


def test_the_report_is_written_even_if_nobody_reads_the_output(bundles: Path, tmp_path: Path) -> None:
    build(bundles, "v1", rows("text, catalog", "ranker"))
    command = [sys.executable, "-c", "from shelfwise_pipeline.cli import main; main()", "evaluate", "v1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        running.stdout.close()
    assert written(tmp_path / "reports" / "evaluation.json")
    assert (tmp_path / "reports" / "evaluation.html").is_file()


@pytest.mark.parametrize("by", ["judged lists", "judged searches"])
def test_judged_tasks_say_that_their_queries_chose_the_number_of_trees(tmp_path: Path, by: str) -> None:
    [section] = sections_of(build(tmp_path, "v1", rows(f"text, {by}", "ranker")))
    assert "how many trees are best" in section.protocol


def test_figures_from_before_learning_from_the_log_carry_a_note(tmp_path: Path) -> None:
    before = rows("text, purchases", BEFORE)
    after = rows_of("text, logged", ["dcg"], {name: {"dcg": np.full(9, 0.4)} for name in ("ranker", BEFORE)}, "ranker")
    purchases, logged = sections_of(build(tmp_path, "v1", [*before, *after]))
    assert (purchases.notes, [row.system for row in purchases.rows]) == ([WITHOUT_LOG], ["shelfwise", "random"])
    assert (logged.notes, {row.system for row in logged.rows}) == ([], {"shelfwise", BEFORE})
