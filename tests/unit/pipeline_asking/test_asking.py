"""All questions of a file: answers in their order; a run goes on where one ended, and ends where nothing can be answered."""

import asyncio
import csv
import errno
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shelfwise_pipeline.asking.answers import Answers, AnswersUnwritable
from shelfwise_pipeline.asking.asking import HOPELESS, AllRefused, ask_all
from shelfwise_pipeline.asking.gateway import Gateway, GatewayLost
from shelfwise_pipeline.asking.questions import Question

REFUSED = {"error": {"code": "x", "message": "no such scenario", "request_id": "1"}}


class Shop:
    """A gateway that answers with the asked shopper's own id, sooner or later, until it is lost."""

    def __init__(self, answers: int = 1_000, wrong: bool = False) -> None:
        self.left, self.wrong, self.asked = answers, wrong, list[str]()
        self.at_once = self.most_at_once = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        user: str = json.loads(request.content)["user_id"]
        self.asked.append(user)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(random.Random(user).random() / 200)
        self.at_once -= 1
        if self.wrong:
            return httpx.Response(404, json=REFUSED)
        if self.left <= 0:
            raise httpx.ConnectError("refused")
        self.left -= 1
        item = {"rank": 1, "product_id": f"p{user}", "name": f"Product, {user}", "score": 0.5, "sources": []}
        degraded = ["without_ranker"] if user == "3" else []
        return httpx.Response(
            200, json={"items": [item], "request_id": f"for-you.{user}", "scenario": "for-you", "degraded": degraded}
        )


def questions(count: int) -> Iterator[Question]:
    return (Question(line, {"user_id": str(line)}) for line in range(1, count + 1))


async def ask(asked: Iterator[Question], answers: Answers, shop: Shop, in_flight: int = 4) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(shop), base_url="http://gateway") as client:
        gateway = Gateway(client, patience_s=0.01)
        await ask_all(asked, answers, gateway, in_flight=in_flight, advance=lambda done, total: None)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_answers_are_written_in_the_order_of_their_questions(tmp_path: Path) -> None:
    shop, path = Shop(), tmp_path / "answers.jsonl"
    with Answers(path) as answers:
        await ask(iter([*questions(30), Question(31, problem="no question")]), answers, shop)
        answers.finish()
    found = lines(path)
    assert [line["line"] for line in found] == list(range(1, 32))
    assert [line["answer"]["items"][0]["product_id"] for line in found[:-1]] == [f"p{n}" for n in range(1, 31)]
    assert found[-1]["error"]["message"] == "no question"
    assert (answers.tally.answered, answers.tally.refused, answers.tally.degraded) == (30, 1, {"without_ranker": 1})
    assert answers.tally.examples == ["line 31: no question"]
    assert 1 < shop.most_at_once <= 4
    assert not answers.part.exists()


async def test_a_table_that_fills_the_disk_keeps_the_answers_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.csv"

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Answers(path) as answers:
        await ask(questions(2), answers, Shop())
        with monkeypatch.context() as patched:
            patched.setattr(csv.DictWriter, "writerows", full)
            with pytest.raises(OSError, match="No space"):
                answers.finish()
    assert left_in(tmp_path) == [answers.part]
    with Answers(path) as again:
        again.finish()
    assert left_in(tmp_path) == [path]


async def test_a_table_has_a_row_for_each_product(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    with Answers(path) as answers:
        await ask(questions(2), answers, Shop())
        answers.finish()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["user_id"], row["rank"], row["product_id"], row["name"], row["request_id"]) for row in rows] == [
        ("1", "1", "p1", "Product, 1", "for-you.1"),
        ("2", "1", "p2", "Product, 2", "for-you.2"),
    ]
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("missing", [20, 1])
async def test_a_run_goes_on_where_the_last_one_ended(tmp_path: Path, missing: int) -> None:
    path = tmp_path / "answers.jsonl"
    with pytest.raises(GatewayLost), Answers(path) as answers:
        await ask(questions(12), answers, Shop(answers=5))
    kept = lines(answers.part)
    assert 0 < len(kept) <= 5
    with answers.part.open("ab") as file:  # as a killed run leaves it
        file.write(b'{"line": 6, "question": {"user_id": "6"}, "answer": {}}\n'[:-missing])
    shop = Shop()
    with Answers(path) as again:
        await ask(questions(12), again, shop)
        again.finish()
    assert len(shop.asked) == 12 - len(kept)
    assert lines(path)[: len(kept)] == kept
    assert [line["line"] for line in lines(path)] == list(range(1, 13))
    assert again.tally.answered == 12


async def test_a_null_cart_leaves_the_asked_column_empty(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    with Answers(path) as answers:
        await ask(iter([Question(1, {"user_id": "1", "cart": None})]), answers, Shop())
        answers.finish()
    with path.open(encoding="utf-8", newline="") as file:
        assert [(row["user_id"], row["asked"]) for row in csv.DictReader(file)] == [("1", "")]


async def test_a_run_does_not_continue_answers_to_other_questions(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with Answers(path) as answers:
        await ask(questions(3), answers, Shop())
    others = (Question(line, {"user_id": "other"}) for line in range(1, 5))
    with pytest.raises(AnswersUnwritable, match="found answers to other questions; remove it"), Answers(path) as again:
        await ask(others, again, Shop())
    assert len(lines(again.part)) == 3


@pytest.mark.parametrize("there", ["half of a download\n", '{"id": 1}\n', "7"])
def test_a_foreign_file_in_place_of_the_part_file_is_not_changed(tmp_path: Path, there: str) -> None:
    part = tmp_path / "answers.jsonl.part"
    part.write_text(there, encoding="utf-8")
    with pytest.raises(AnswersUnwritable, match="found something else; move it"):
        Answers(tmp_path / "answers.jsonl")
    assert part.read_text(encoding="utf-8") == there


async def test_a_run_that_was_killed_in_its_first_line_starts_over(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.with_name("answers.jsonl.part").write_bytes(b'{"lin')
    with Answers(path) as answers:
        await ask(questions(2), answers, Shop())
        answers.finish()
    assert [line["line"] for line in lines(path)] == [1, 2]


async def test_a_run_whose_questions_are_all_refused_ends_and_leaves_no_file(tmp_path: Path) -> None:
    shop = Shop(wrong=True)
    with pytest.raises(AllRefused, match="line 1: no such scenario"), Answers(tmp_path / "answers.jsonl") as answers:
        await ask(questions(1_000), answers, shop)
    assert len(shop.asked) <= HOPELESS + 4
    assert names(tmp_path) == []


async def test_a_second_run_to_the_same_answers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with Answers(path) as answers:
        await ask(questions(1), answers, Shop())
        with pytest.raises(AnswersUnwritable, match="no other process to write"):
            Answers(path)


@pytest.mark.parametrize(
    ("name", "told"), [("answers.txt", r"\.jsonl or …\.csv"), ("there.csv", "found one"), ("none/a.csv", "can be written")]
)
def test_an_unusable_path_for_answers_is_refused_at_once(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "there.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(AnswersUnwritable, match=told):
        Answers(tmp_path / name)
    assert (tmp_path / "there.csv").read_text(encoding="utf-8") == "kept"
