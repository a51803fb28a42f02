import orjson
import pytest

from shelfwise.clients import Question
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise_gateway.last_good import LastGood, key_of

KEEP_S = 3600.0
SHOES = RecommendRequest(product_name="shoes")


def key(asked: RecommendRequest = SHOES, scenario: str = "search", filter: dict[str, object] | None = None) -> bytes:
    seeds = [asked.product_id] if asked.product_id else []
    return key_of(scenario, Question(kind="text", text=asked.product_name, seeds=seeds, filter=filter), asked)


def items(*ids: str) -> bytes:
    return orjson.dumps([{"product_id": product_id, "name": f"product {product_id}"} for product_id in ids])


def ids(held: LastGood, of: bytes) -> list[str] | None:
    found = held.answer(of)
    return None if found is None else [item["product_id"] for item in found.items]


def test_holds_nothing_at_first() -> None:
    assert LastGood(1000, KEEP_S).answer(key()) is None


def test_the_newest_answer_to_the_same_question() -> None:
    held = LastGood(100_000, KEEP_S)
    held.remember(key(), "b1", items("1"), None)
    held.remember(key(), "b2", items("2", "3"), None)
    found = held.answer(key(RecommendRequest(product_name="SHOES", exclude=["9"], top_k=1)))
    assert found is not None
    assert (found.bundle, ids(held, key())) == ("b2", ["2", "3"])


@pytest.mark.parametrize(
    "other",
    [
        key(RecommendRequest(product_name="hats")),
        key(RecommendRequest(product_id="shoes")),
        key(RecommendRequest(product_name="shoes", user_id="7")),
        key(RecommendRequest(product_name="shoes", session_id="7")),
        key(scenario="quick"),
        key(filter={"price": {"max": 5.0}}),
    ],
)
def test_another_question_or_shopper_gets_nothing_of_it(other: bytes) -> None:
    held = LastGood(100_000, KEEP_S)
    held.remember(key(), "b1", items("1"), None)
    assert held.answer(other) is None


def test_stays_within_its_memory() -> None:
    keys = [key(RecommendRequest(product_name=f"question {number}")) for number in range(10)]
    budget = 3 * (len(items("0")) + len(keys[0]))
    held = LastGood(budget, KEEP_S)
    for of in keys:
        held.remember(of, "b1", items("0"), None)
    assert [ids(held, of) for of in keys] == [None] * 7 + [["0"]] * 3, "the oldest went first"


def test_no_memory_no_answers() -> None:
    held = LastGood(0, KEEP_S)
    held.remember(key(), "b1", items("1"), None)
    assert held.answer(key()) is None


def test_a_forgotten_users_answers_are_gone_and_nobody_elses() -> None:
    held = LastGood(100_000, KEEP_S)
    of = {user: key(RecommendRequest(user_id=user), "for-you") for user in ("ann", "bob")}
    for user, place in of.items():
        held.remember(place, "b1", items("1"), user)
    held.remember(key(), "b1", items("2"), None)
    held.forget("ann")
    assert (ids(held, of["ann"]), ids(held, of["bob"]), ids(held, key())) == (None, ["1"], ["2"])


def test_what_is_older_than_may_be_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 1000.0
    monkeypatch.setattr("shelfwise_gateway.last_good.time.monotonic", lambda: now_s)
    held = LastGood(100_000, keep_s=60.0)
    held.remember(key(), "b1", items("1"), None)
    now_s += 60.0
    assert ids(held, key()) == ["1"]
    now_s += 0.1
    assert ids(held, key()) is None
