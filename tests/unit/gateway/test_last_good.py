from typing import Any

import orjson

from shelfwise.clients import Question
from shelfwise_gateway.last_good import POPULAR, LastGood

SHOES = Question(kind="text", text="shoes")


def items(*ids: str) -> list[dict[str, Any]]:
    return [{"product_id": product_id, "name": f"product {product_id}"} for product_id in ids]


def remember(held: LastGood, question: Question, *ids: str) -> None:
    held.remember(question, "b1", items(*ids), orjson.dumps(items(*ids)))


def ids(held: LastGood, question: Question, hidden: tuple[str, ...] = (), top_k: int = 10) -> list[str] | None:
    found = held.answer(question, hidden, top_k, filtered=question.filter is not None)
    return None if found is None else [item["product_id"] for item in found.items]


def test_holds_nothing_at_first() -> None:
    assert LastGood(1000).answer(SHOES, (), 5, filtered=False) is None


def test_answers_the_same_question_as_before() -> None:
    held = LastGood(100_000)
    remember(held, SHOES, "1", "2", "3")
    remember(held, Question(kind="text", text="hats"), "8")
    found = held.answer(Question(kind="text", text="SHOES"), ("2",), 5, filtered=False)
    assert found is not None
    assert (found.bundle, found.items) == ("b1", items("1", "3"))
    assert ids(held, SHOES, top_k=1) == ["1"]


def test_the_newest_answer_counts() -> None:
    held = LastGood(100_000)
    remember(held, SHOES, "1")
    remember(held, SHOES, "2")
    assert ids(held, SHOES) == ["2"]


def test_another_question_gets_what_was_shown_most() -> None:
    held = LastGood(100_000)
    remember(held, SHOES, "1", "2")
    remember(held, Question(kind="product", seeds=["9"]), "2", "3")
    assert ids(held, Question(kind="text", text="never asked")) == ["2", "1", "3"]


def test_a_filter_is_never_guessed() -> None:
    held = LastGood(100_000)
    remember(held, SHOES, "1")
    cheap = Question(kind="text", text="shoes", filter={"price": {"max": 5.0}})
    assert ids(held, cheap) is None
    remember(held, cheap, "4")
    assert ids(held, cheap) == ["4"]


def test_stays_within_its_memory() -> None:
    size = len(orjson.dumps(items("0")))
    budget = 3 * (size + 50)
    held = LastGood(budget)
    for number in range(10):
        remember(held, Question(kind="text", text=f"question {number}", filter={}), "0")
    kept = [number for number in range(10) if ids(held, Question(kind="text", text=f"question {number}", filter={}))]
    assert 0 < len(kept) <= budget // size
    assert kept == list(range(10 - len(kept), 10)), "the oldest went first"


def test_no_memory_no_answers() -> None:
    held = LastGood(0)
    remember(held, Question(kind="text", text="shoes", filter={}), "1")
    assert ids(held, Question(kind="text", text="shoes", filter={})) is None


def test_what_was_shown_most_is_bounded_and_keeps_the_favourite() -> None:
    held = LastGood(0)
    for number in range(5 * POPULAR):
        remember(held, SHOES, "favourite", f"p{number}")
    known = ids(held, Question(kind="text", text="x"), top_k=10_000)
    assert known is not None
    assert known[0] == "favourite"
    assert len(known) <= 2 * POPULAR
