"""`--report` writes one JSON file, however many parts the rows come in."""

import json
from pathlib import Path

import polars as pl
import pytest

from shelfwise_pipeline.cli.report_file import ReportFile
from shelfwise_pipeline.importing.errors import ImportStopped


def test_the_rows_of_all_findings_follow_the_summary(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with ReportFile(path) as report:
        report.add(pl.DataFrame({"line": [2, 3], "value": ['a "quoted" é', None]}))
        report.add(pl.DataFrame({"line": [9], "value": ["}"]}))
        assert not path.exists()
        report.finish({"dry_run": False, "map": {}})
    told = json.loads(path.read_text("utf-8"))
    assert list(told) == ["dry_run", "map", "rows"]
    assert told["rows"] == [{"line": 2, "value": 'a "quoted" é'}, {"line": 3, "value": None}, {"line": 9, "value": "}"}]


def test_a_report_without_findings_has_no_rows(tmp_path: Path) -> None:
    with ReportFile(tmp_path / "report.json") as report:
        report.finish({"dry_run": True})
    assert json.loads((tmp_path / "report.json").read_text()) == {"dry_run": True, "rows": []}


def test_an_import_that_stops_leaves_no_report(tmp_path: Path) -> None:
    with ReportFile(tmp_path / "report.json") as report:
        report.add(pl.DataFrame({"line": [2]}))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_the_report_raises_import_stopped(tmp_path: Path) -> None:
    with pytest.raises(ImportStopped, match="found a folder"):
        ReportFile(tmp_path)


def test_a_missing_folder_raises_import_stopped_before_the_import(tmp_path: Path) -> None:
    with pytest.raises(ImportStopped, match="report can be written"):
        ReportFile(tmp_path / "nowhere" / "report.json")
