"""A newsletter: the gateway is asked about many shoppers, and their answers are written to a table."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.support.launcher import RunningShop


def test_the_recommend_command_answers_a_table_of_shoppers_as_the_gateway_does(shop: RunningShop, tmp_path: Path) -> None:
    trending = shop.recommend(scenario="trending", top_k=1).json()["items"][0]["product_id"]
    event = {"event_id": "newsletter-1", "type": "purchase", "product_id": trending, "user_id": "newsletter-a"}
    event["timestamp"] = datetime.now(UTC).isoformat()
    assert httpx.post(f"{shop.url}/events", json=event).status_code == 202

    customers, answers = tmp_path / "customers.csv", tmp_path / "answers.csv"
    customers.write_text("email,user_id\na@b.c,newsletter-a\nd@e.f,newsletter-b\n", encoding="utf-8")
    said = shop.command("recommend", str(customers), str(answers), "--url", shop.url, "--scenario", "for-you", "--top-k", "3")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "2 questions answered" in said.stdout
    with answers.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["user_id"], row["rank"]) for row in rows] == [
        (line, user, rank) for line, user in (("2", "newsletter-a"), ("3", "newsletter-b")) for rank in "123"
    ]
    same = shop.recommend(user_id="newsletter-a", scenario="for-you", top_k=3).json()["items"]
    assert [row["product_id"] for row in rows[:3]] == [item["product_id"] for item in same]
    assert all(row["request_id"].startswith("for-you.") for row in rows)


def test_the_recommend_command_reports_bad_questions_and_answers_the_others(shop: RunningShop, tmp_path: Path) -> None:
    questions, answers = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    questions.write_text('{"product_name": "milk"}\n{"product_id": "no-such-product"}\n{"user": "17"}\n', encoding="utf-8")
    said = shop.command("recommend", str(questions), str(answers), "--url", shop.url)
    assert said.returncode == 1, said.stdout + said.stderr
    assert "line 2: " in said.stderr
    assert "line 3: user: unknown field" in said.stderr
    found = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert [sorted(line) for line in found] == [["answer", "line", "question"]] + [["error", "line", "question"]] * 2
