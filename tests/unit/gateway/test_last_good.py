import asyncio
from dataclasses import replace

import orjson
import pytest

from shelfwise.clients import Question
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise_gateway.last_good import BETTER_S, ERASED_S, Good, LastGood, key_of

KEEP_S = 3600.0
SHOES = RecommendRequest(product_name="shoes")


def key(asked: RecommendRequest = SHOES, scenario: str = "search", filter: dict[str, object] | None = None) -> bytes:
    seeds = [asked.product_id] if asked.product_id else []
    return key_of(scenario, Question(kind="text", text=asked.product_name, seeds=seeds, filter=filter), asked)


def good(*ids: str, bundle: str = "b1", user: str | None = None, explained: bool = False) -> Good:
    items = [{"product_id": product_id, "name": f"product {product_id}"} for product_id in ids]
    return Good(bundle, orjson.dumps(items), (len(ids), explained), user)


def ids(held: LastGood, of: bytes) -> list[str] | None:
    found = held.answer(of)
    return None if found is None else [item["product_id"] for item in found.items]


def test_no_answer_is_held_at_first() -> None:
    assert LastGood(1000, KEEP_S).answer(key()) is None


def test_the_newest_answer_is_found_whatever_the_case_exclusions_and_top_k() -> None:
    held = LastGood(100_000, KEEP_S)
    held.remember(key(), good("1"))
    held.remember(key(), good("2", "3", bundle="b2"))
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
def test_another_question_shopper_scenario_or_filter_gets_no_held_answer(other: bytes) -> None:
    held = LastGood(100_000, KEEP_S)
    held.remember(key(), good("1"))
    assert held.answer(other) is None


def test_the_oldest_answers_are_dropped_beyond_the_memory_limit() -> None:
    keys = [key(RecommendRequest(product_name=f"question {number}")) for number in range(10)]
    answer = replace(good("0"), said=orjson.dumps({"corrected_query": "question " * 20}))
    budget = 3 * (len(answer.items) + len(answer.said) + len(keys[0]))
    held = LastGood(budget, KEEP_S)
    for of in keys:
        held.remember(of, answer)
    assert [ids(held, of) for of in keys] == [None] * 7 + [["0"]] * 3, "the oldest went first"


def test_an_answer_that_replaces_another_counts_once_and_as_the_newest() -> None:
    keys = [key(RecommendRequest(product_name=f"question {number}")) for number in range(3)]
    budget = 2 * (len(good("0").items) + len(good("0").said) + len(keys[0]))
    held = LastGood(budget, KEEP_S)
    for number in (0, 1, 0, 2):
        held.remember(keys[number], good("0"))
    assert [ids(held, of) for of in keys] == [["0"], None, ["0"]]


def test_no_answers_are_held_with_a_memory_limit_of_zero() -> None:
    held = LastGood(0, KEEP_S)
    held.remember(key(), good("1"))
    assert held.answer(key()) is None


def test_only_the_forgotten_users_answers_are_dropped() -> None:
    held = LastGood(100_000, KEEP_S)
    of = {user: key(RecommendRequest(user_id=user), "for-you") for user in ("ann", "bob")}
    for user, place in of.items():
        held.remember(place, good("1", user=user))
    held.remember(key(), good("2"))
    held.forget("ann")
    assert (ids(held, of["ann"]), ids(held, of["bob"]), ids(held, key())) == (None, ["1"], ["2"])


class Clock:
    """Stands in for the module's `time.monotonic`; tests set it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("shelfwise_gateway.last_good.time.monotonic", clock)
    return clock


def test_an_answer_older_than_keep_s_is_not_used(clock: Clock) -> None:
    held = LastGood(100_000, keep_s=60.0)
    held.remember(key(), good("1"))
    clock.now_s += 60.0
    assert ids(held, key()) == ["1"]
    clock.now_s += 0.1
    assert ids(held, key()) is None


def test_an_answer_older_than_keep_s_is_dropped_when_another_comes(clock: Clock) -> None:
    held = LastGood(100_000, keep_s=60.0)
    held.remember(key(), good("1"))
    clock.now_s += 60.1
    held.remember(key(scenario="another"), good("2"))
    assert len(held) == 1


async def test_an_answer_older_than_keep_s_is_dropped_without_any_request() -> None:
    held = LastGood(100_000, keep_s=0.01)
    held.remember(key(), good("1"))
    tidying = asyncio.create_task(held.keep_tidy())
    for _ in range(500):
        if not len(held):
            break
        await asyncio.sleep(0.01)
    tidying.cancel()
    assert len(held) == 0


@pytest.mark.parametrize("worse", [good("1"), good("3", "2", explained=False)])
def test_a_worse_answer_replaces_the_held_one_only_after_better_s(clock: Clock, worse: Good) -> None:
    held = LastGood(100_000, KEEP_S)
    held.remember(key(), good("1", "2", explained=True))
    clock.now_s += BETTER_S - 1
    held.remember(key(), worse)
    assert ids(held, key()) == ["1", "2"]
    clock.now_s += 1
    held.remember(key(), worse)
    assert ids(held, key()) == [item["product_id"] for item in orjson.loads(worse.items)]


def test_an_answer_of_another_bundle_replaces_a_better_one() -> None:
    held = LastGood(100_000, KEEP_S)
    held.remember(key(), good("1", "2"))
    held.remember(key(), good("3", bundle="b2"))
    assert ids(held, key()) == ["3"]


def test_answers_of_a_user_forgotten_just_before_are_not_remembered(clock: Clock) -> None:
    held = LastGood(100_000, KEEP_S)
    held.forget("ann")
    held.remember(key(), good("1", user="ann"))
    held.remember(key(scenario="another"), good("2", user="bob"))
    assert (ids(held, key()), ids(held, key(scenario="another"))) == (None, ["2"])
    clock.now_s += ERASED_S - 1
    held.forget("cid")
    clock.now_s += 2
    held.remember(key(), good("1", user="ann"))
    assert ids(held, key()) == ["1"], "ann is back, and may be recommended to again"
    held.remember(key(scenario="another"), good("3", user="cid"))
    assert ids(held, key(scenario="another")) == ["2"], "cid was forgotten later"
