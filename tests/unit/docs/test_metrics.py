"""docs/metrics.md, the alert rules and the dashboard name metrics and labels that services export."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from .exported import Exported, exported

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "deploy" / "monitoring"
PAGE = (ROOT / "docs" / "metrics.md").read_text("utf-8")

OF_PROMETHEUS = {"__name__", "instance", "job"}

_NAME = re.compile(r"\b(?:shelfwise|process)_\w+")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    with pytest.MonkeyPatch.context() as patch:
        return asyncio.run(exported(tmp_path_factory.mktemp("bundles"), patch))


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((MONITORING / "alerts.yaml").read_text("utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))["panels"]
    return found


def watched() -> list[tuple[str, str]]:
    """Each expression of PromQL with the text that shows its labels."""
    of_rules = [(rule["expr"], rule["annotations"]["summary"]) for rule in rules()]
    return of_rules + [(target["expr"], target["legendFormat"]) for panel in panels() for target in panel["targets"]]


def labels_in(expression: str) -> set[str]:
    """The labels that are selected, or summed and matched by."""
    selected = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", expression)
    grouped = re.findall(r"\b(?:by|on|without)\s*\(([^)]*)\)", expression)
    return {*selected, *(label.strip() for labels in grouped for label in labels.split(",") if label.strip())}


def test_metrics_and_labels_of_rules_and_dashboard_are_exported(found: Exported) -> None:
    for expression, said in watched():
        names = set(_NAME.findall(expression))
        assert names, expression
        assert names <= found.keys(), expression
        assert labels_in(expression) <= OF_PROMETHEUS.union(*(found[name] for name in names)), expression
        assert set(re.findall(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}", said)) <= labels_in(expression), said


def test_every_rule_has_a_severity_and_a_summary_that_names_what_alerts() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert set(rule) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        series = re.match(r"\w+ by \(([^)]*)\)", rule["expr"])
        labels = set(series[1].split(", ")) if series else set()
        assert set(re.findall(r"\{\{ \$labels\.(\w+) \}\}", rule["annotations"]["summary"])) == labels, rule["alert"]


def test_every_page_says_where_to_look() -> None:
    pages = [rule for rule in rules() if rule["labels"]["severity"] == "page"]
    assert pages
    for rule in pages:
        assert re.search(r"\blog\b|/readyz\b", rule["annotations"]["summary"]), rule["alert"]


def test_the_degraded_alert_divides_by_questions_and_not_by_requests() -> None:
    """Shares of requests would be ten times too high for a shop that asks ten questions in one request."""
    [expression] = [rule["expr"] for rule in rules() if rule["alert"] == "ShelfwiseDegraded"]
    divisor = expression.split("/ on ()")[1]
    assert "shelfwise_recommendations_total" in divisor
    assert re.findall(r'route=~?"([^"]+)"', divisor) == ["/rerank"]
    assert "or vector(0)" in divisor, "without any /rerank the sum would be nothing"


def test_jobs_of_rules_and_dashboard_are_those_of_the_page() -> None:
    scraped = set(re.findall(r"job_name: (\w+)", PAGE))
    named = {
        job for expression, _ in watched() for jobs in re.findall(r'job=~?"([^"]+)"', expression) for job in jobs.split("|")
    }
    assert named == scraped


def test_the_page_has_every_metric_with_its_labels(found: Exported) -> None:
    written = {
        name: set(filter(None, labels.split(","))) for name, labels in re.findall(r"`(shelfwise_\w+)(?:\{([\w,]+)\})?`", PAGE)
    }
    parts = ("_bucket", "_sum", "_count")
    ours = {name: labels for name, labels in found.items() if name.startswith("shelfwise_") and not name.endswith(parts)}
    assert written.keys() == ours.keys()
    assert all(written[name] == labels for name, labels in ours.items() if labels)
