"""From answers, through the events that name them, to their outcomes, in a shop that is being served."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.support.launcher import RunningShop


def test_outcomes_counts_the_answers_of_a_batch_and_the_views_they_led_to(shop: RunningShop, tmp_path: Path) -> None:
    questions = [{"product_name": "nail polish", "top_k": 3}, {"scenario": "trending", "top_k": 3}]
    page = httpx.post(f"{shop.url}/recommend:batch", json={"requests": questions, "distinct": True, "deadline_ms": 5000})
    assert page.status_code == 200, page.text
    searched, trending = page.json()["answers"]
    now = datetime.now(UTC).isoformat()

    def told(kind: str, answer: dict[str, Any], place: int) -> dict[str, object]:
        item = answer["items"][place - 1]
        who = {"session_id": "reads-outcomes", "timestamp": now, "product_id": item["product_id"]}
        named = {"request_id": answer["request_id"], "position": place}
        return {"event_id": f"{kind}-{answer['request_id']}-{place}", "type": kind, **who, **named}

    events = [told("impression", answer, place) for answer in (searched, trending) for place in (1, 2, 3)]
    sent = httpx.post(f"{shop.url}/events", json=[*events, told("view", searched, 2)])
    assert (sent.status_code, sent.json()["accepted"]) == (202, 7), sent.text

    report = tmp_path / "outcomes.json"
    said = shop.command("outcomes", "--days", "0.1", "--report", str(report))
    assert said.returncode == 0, said.stdout + said.stderr
    rows = [row for row in json.loads(report.read_text()) if row["outcome"] == "viewed"]
    viewed = {row["scenario"]: (row["answers"], row["value"]) for row in rows}
    assert viewed == {"search": (1, 1.0), "trending": (1, 0.0)}
