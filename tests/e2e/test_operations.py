"""Every service reports its state, and one request can be followed through all logs."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from shelfwise_pipeline.launcher.plan import SERVICES
from tests.support.launcher import RunningShop


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_health_version_and_metrics(shop: RunningShop, service: str) -> None:
    url = shop.url_of(service)
    assert httpx.get(f"{url}/livez").status_code == 200
    assert httpx.get(f"{url}/readyz").status_code == 200
    version = httpx.get(f"{url}/version").json()
    assert version["service"] == service
    assert version["bundle"] == shop.recommend(product_name="milk").json()["bundle"]
    assert "shelfwise_request_seconds_bucket" in httpx.get(f"{url}/metrics").text


def _logged(log: Path, request_id: str) -> list[dict[str, Any]]:
    """The log lines of a request. The answer is sent before its line is written, so the first may take a moment."""
    until = time.monotonic() + 5
    while True:
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        mine = [line for line in lines if line.get("request_id") == request_id and line["event"] == "request"]
        if mine or time.monotonic() > until:
            return mine
        time.sleep(0.05)


def test_a_request_can_be_followed_through_the_logs_of_all_services(shop: RunningShop) -> None:
    request_id = "follow-me-7"
    answer = httpx.post(
        f"{shop.url}/recommend",
        json={"product_name": "a query nobody asked before", "deadline_ms": 5000},
        headers={"x-request-id": request_id},
    )
    asked = _logged(shop.var / "log" / "gateway.log", request_id)
    assert [(line["status"], line["answer_id"]) for line in asked] == [(200, answer.json()["request_id"])]
    for service in ("embedder", "retriever", "ranker"):
        behind = _logged(shop.var / "log" / f"{service}.log", answer.json()["request_id"])
        assert [line["status"] for line in behind] == [200], service


def test_the_page_and_the_api_documentation_need_no_other_host(shop: RunningShop) -> None:
    for path in ("/", "/docs"):
        page = httpx.get(shop.url + path)
        assert page.status_code == 200
        assert "https://" not in page.text.replace("https://www.w3.org", "")
    assert "/recommend" in httpx.get(f"{shop.url}/openapi.json").json()["paths"]
