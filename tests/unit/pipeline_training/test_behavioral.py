"""Questions from baskets and shoppers, and that nothing from the future leaks in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.baskets import Baskets
from shelfwise_pipeline.examples.featurizing import ExampleSet, joined
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.question import Question
from shelfwise_pipeline.examples.shoppers import Shoppers
from shelfwise_pipeline.examples.together import MOST_SEEDS, together_questions
from shelfwise_pipeline.examples.windows import Window, Windows
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training import behavioral
from shelfwise_pipeline.training.behavioral import Answered, BehavioralTeacher
from shelfwise_pipeline.training.plan import BEHAVIORAL_KINDS, Plan
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.stand_in import only_looked
from shelfwise_ranker.tallies import DAY_S
from tests.support.ranker import FIRST_DAY, SMALL_PLAN, SmallRetriever, encode, shop_events, shop_products

PRODUCTS = shop_products().with_columns(created_at=pl.lit(None, pl.Datetime("us", "UTC")))  # every product has always existed
TABLE = build_table(PRODUCTS)
EVENTS = shop_events(PRODUCTS)
OFFERED = np.append(np.ones(len(TABLE), dtype=bool), False)
WINDOW = Window((FIRST_DAY + timedelta(days=80)).timestamp(), (FIRST_DAY + timedelta(days=95)).timestamp())


def basket_events(*rows: tuple[str, str, str | None, str | None, float]) -> pl.DataFrame:
    """(type, product, user, session, days)"""
    content = [(kind, row, user, session, FIRST_DAY + timedelta(days=day)) for kind, row, user, session, day in rows]
    names = ("type", "product_id", "user_id", "session_id", "timestamp")
    return pl.DataFrame(content, dict.fromkeys(names, pl.String) | {"timestamp": pl.Datetime("us", "UTC")}, orient="row")


def shoppers_of(events: pl.DataFrame, table: ProductTable = TABLE) -> Shoppers:
    offered = np.append(np.ones(len(table), dtype=bool), False)
    return Shoppers(table, Baskets.of(table, events), Pasts.of(table, EventLog.of(table, events), events), offered)


def test_a_basket_is_a_session_or_what_a_user_did_at_one_moment() -> None:
    baskets = Baskets.of(
        TABLE,
        basket_events(
            ("view", "p001", "ann", "s1", 1), ("purchase", "p003", "ann", "s1", 1.1), ("purchase", "p002", "ann", "s1", 1.1),
            ("purchase", "p003", "ann", "s1", 1.2), ("purchase", "p004", "bob", None, 2), ("purchase", "p005", "bob", None, 2),
            ("view", "p006", "bob", "s2", 3), ("add_to_cart", "p007", "bob", "s2", 3), ("impression", "p008", "bob", "s2", 3),
            ("purchase", "unheard-of", "bob", "s3", 4),
        ),
    )  # fmt: skip
    held = [
        dict(zip((TABLE.ids[row] for row in rows), grades.tolist(), strict=True))
        for rows, grades in map(baskets.held, range(3))
    ]
    assert held == [{"p003": 3, "p002": 3}, {"p004": 3, "p005": 3}, {"p006": 1, "p007": 2}]
    assert len(baskets) == 3
    assert baskets.bought_at.tolist() == [(FIRST_DAY + timedelta(days=day)).timestamp() for day in (1.1, 2)] + [np.inf]
    assert baskets.users[1] == baskets.users[2] != baskets.users[0]


def test_products_of_a_basket_are_ordered_by_time_and_shuffled_within_a_moment() -> None:
    lines = [("purchase", f"p{number:03}", "ann", "s1", 1 + number // 20) for number in range(60)]
    orders = [Baskets.of(TABLE, basket_events(*some)).held(0)[0].tolist() for some in (lines, lines[::-1])]
    assert orders[0] == orders[1], "the same whatever is stored first"
    ids = [TABLE.ids[row] for row in orders[0]]
    assert ids != sorted(ids)
    assert [int(product[1:]) // 20 for product in ids] == sorted(int(product[1:]) // 20 for product in ids)


def test_answers_end_with_the_window_even_if_the_session_goes_on() -> None:
    events = basket_events(
        ("purchase", "p001", "ann", "s1", 1), ("purchase", "p002", "ann", "s1", 2), ("purchase", "p003", "ann", "s1", 9),
        ("view", "p004", "bob", "s2", 1), ("view", "p005", "bob", "s2", 2), ("purchase", "p006", "bob", "s2", 9),
        ("purchase", "p007", "bob", "s3", 3), ("purchase", "p008", "bob", "s0", -1),
    )  # fmt: skip
    baskets, until = Baskets.of(TABLE, events), (FIRST_DAY + timedelta(days=9)).timestamp()
    held = [[TABLE.ids[row] for row in baskets.held(number, until)[0]] for number in range(len(baskets))]
    assert held == [["p008"], ["p001", "p002"], ["p004", "p005"], ["p007"]]
    window = Window(FIRST_DAY.timestamp(), until)
    shoppers = shoppers_of(events)

    def right(questions: list[Question]) -> set[frozenset[str]]:
        everything = np.arange(len(TABLE), dtype=np.int32)
        return {frozenset(TABLE.ids[row] for row in np.flatnonzero(question.grade(everything))) for question in questions}

    bought_first = right(shoppers.questions(window, 40, 1))
    assert bought_first == {frozenset({"p001", "p002"}), frozenset({"p007"})}
    together = together_questions(TABLE, baskets, OFFERED, window, 10, 1)
    assert frozenset().union(*right(together), *([TABLE.ids[row] for row in question.seeds] for question in together)) == {
        "p001", "p002", "p004", "p005",
    }  # fmt: skip


def test_without_events_there_are_no_baskets() -> None:
    baskets = Baskets.of(TABLE, EVENTS.clear())
    assert len(baskets) == 0
    assert together_questions(TABLE, baskets, OFFERED, WINDOW, 10, 1) == []


def test_seeds_and_answers_together_are_a_basket_of_the_window() -> None:
    baskets = Baskets.of(TABLE, EVENTS)
    questions = together_questions(TABLE, baskets, OFFERED, WINDOW, 80, 1)
    assert len(questions) == 80
    held = {frozenset(baskets.held(number)[0].tolist()) for number in baskets.between(WINDOW.moment, WINDOW.until)}
    for question in questions:
        assert WINDOW.moment <= question.moment < WINDOW.until
        assert 1 <= len(question.seeds) <= MOST_SEEDS
        right = np.flatnonzero(question.grade(np.arange(len(TABLE), dtype=np.int32)))
        assert not set(right.tolist()) & set(question.seeds)
        assert len(right) == len(question.best or ())
        assert {*right.tolist(), *question.seeds} in held
    assert {len(question.seeds) for question in questions} == {1, 2, 3}


def test_the_answers_for_a_shopper_are_the_first_basket_of_the_window() -> None:
    shoppers = shoppers_of(EVENTS)
    questions = shoppers.questions(WINDOW, 60, 1, new_too=0.0, at_visit=0.0)
    assert len(questions) > 40
    start, end = (datetime.fromtimestamp(at, UTC) for at in (WINDOW.moment, WINDOW.until))
    bought = EVENTS.filter(pl.col("timestamp").is_between(start, end, closed="left"), pl.col("type") == "purchase")
    first = bought.sort("timestamp").group_by("user_id", maintain_order=True).agg(pl.col("session_id").first())
    of_first = first.join(bought, on=["user_id", "session_id"]).partition_by("user_id")
    baskets = {frozenset(frame["product_id"]) for frame in of_first}
    for question in questions:
        assert question.moment == WINDOW.moment
        right = np.flatnonzero(question.grade(np.arange(len(TABLE), dtype=np.int32)))
        assert frozenset(TABLE.ids[row] for row in right) in baskets
        assert question.history is not None
        assert all(ago > 0 for ago in question.history.last_s)


def test_answers_for_a_shopper_are_offered_and_exist_when_the_question_is_asked() -> None:
    bought = ["p001", "p002", "p003", "p004"]
    events = basket_events(*[("purchase", product, "ann", "s1", 1) for product in bought])
    asked = FIRST_DAY.timestamp()
    dated = replace(TABLE, created_at=TABLE.created_at.copy())
    dated.created_at[TABLE.rows(bought[:3])] = asked - 1, asked, asked + 1
    offered = OFFERED.copy()
    offered[TABLE.rows(["p004"])] = False
    for table, is_offered, answers in (
        (TABLE, OFFERED, bought),
        (dated, OFFERED, ["p001", "p004"]),
        (dated, offered, ["p001"]),
    ):
        shoppers = replace(shoppers_of(events), table=table, offered=is_offered)
        (question,) = shoppers.questions(Window(asked, asked + 2 * DAY_S), 1, 1, at_visit=0.0)
        right = np.flatnonzero(question.grade(np.arange(len(TABLE), dtype=np.int32)))
        assert [TABLE.ids[row] for row in right] == answers


def test_questions_know_who_asked() -> None:
    baskets = Baskets.of(TABLE, EVENTS)
    together = together_questions(TABLE, baskets, OFFERED, WINDOW, 40, 1)
    shoppers = shoppers_of(EVENTS).questions(WINDOW, 40, 1, at_visit=1.0, in_visit=0.0)
    for question in (*together, *shoppers):
        assert question.asker in baskets.users[baskets.times == question.moment]


def test_owned_products_are_not_answers_when_only_new_ones_are_asked_for() -> None:
    shoppers = shoppers_of(EVENTS)
    questions = [one for one in shoppers.questions(WINDOW, 60, 1, new_too=1.0) if one.exclude]
    assert len(questions) > 10
    for question in questions:
        assert question.history is not None
        owned = [product for product, times in zip(question.history.products, question.history.purchases, strict=True) if times]
        assert {TABLE.ids[row] for row in question.exclude} == set(owned)
        assert not question.grade(np.array(question.exclude, dtype=np.int32)).any()
        assert question.best


def test_histories_keep_products_that_are_no_longer_sold() -> None:
    gone = set(TABLE.ids[::5])
    table = build_table(PRODUCTS.filter(~pl.col("product_id").is_in(gone)))
    events = pl.concat([EVENTS.drop("event_id"), basket_events(("purchase", "p000", "aaron", "s0", 1))])
    questions = shoppers_of(events, table).questions(WINDOW, 60, 1, new_too=1.0, at_visit=1.0, in_visit=0.0)
    assert any(question.exclude for question in questions)
    timed = events.with_columns(time=pl.col("timestamp").dt.epoch("us") / 1e6)
    for question in questions:
        user = timed.filter(pl.col("time") == question.moment)["user_id"][0]
        before = timed.filter(pl.col("user_id") == user, pl.col("time") < question.moment)
        assert question.history is not None
        assert set(question.history.products) == set(before["product_id"])
        assert all(0 <= row < len(table) for row in question.exclude)
    assert any(gone & set(one.history.products) for one in questions if one.history)


def with_lookers(seed: int = 3) -> pl.DataFrame:
    """The shop's events, and those of four times as many shoppers who now and then view two products."""
    draw = np.random.default_rng(seed)
    ids = PRODUCTS["product_id"].to_list()
    looks = [
        (
            "view",
            ids[draw.integers(len(ids))],
            f"looker{shopper}",
            f"l{shopper}-{visit}",
            18 * visit + shopper / 20 + look / 100,
        )
        for shopper in range(240)
        for visit in range(6)
        for look in range(2)
    ]
    return pl.concat([EVENTS.drop("event_id"), basket_events(*looks)], how="diagonal").sort("timestamp")


def test_shoppers_who_only_looked_are_not_asked_about() -> None:
    events = with_lookers()
    shoppers = shoppers_of(events)
    questions = shoppers.questions(WINDOW, 60, 1)
    assert len(questions) == 60
    for question in questions:
        assert question.history is not None
        assert not only_looked(RankRequest(kind="user", ids=["p001"], scores={}, history=question.history))
    everyone = shoppers_of(EVENTS).questions(WINDOW, 400, 1)
    assert len(shoppers.questions(WINDOW, 400, 1)) >= 0.8 * len(everyone), "those who buy are asked about as ever"


def test_purchased_baskets_are_asked_about_before_viewed_ones() -> None:
    baskets = Baskets.of(TABLE, with_lookers())
    bought = sum(
        len(baskets.held(number)[0]) > 1 and baskets.bought_at[number] < WINDOW.until
        for number in baskets.between(WINDOW.moment, WINDOW.until).tolist()
    )
    best = [max(one.best or ()) for one in together_questions(TABLE, baskets, OFFERED, WINDOW, bought, 1)]
    assert best == [3] * bought
    more = [max(one.best or ()) for one in together_questions(TABLE, baskets, OFFERED, WINDOW, bought + 40, 1)]
    assert (more.count(3), more.count(1)) == (bought, 40), "where too little was bought, looks teach as well"


def teacher(events: pl.DataFrame, plan: Plan = SMALL_PLAN) -> BehavioralTeacher:
    split = Shop(PRODUCTS, EVENTS).periods()
    assert split is not None
    log = EventLog.of(TABLE, events)
    return BehavioralTeacher(
        Shop(PRODUCTS, events), TABLE, log, Pasts.of(TABLE, log, events), SmallRetriever(PRODUCTS), encode,
        Windows.of(split, plan.windows), plan,
    )  # fmt: skip


def answered(events: pl.DataFrame) -> dict[QuestionKind, Answered]:
    return teacher(events).answered(WINDOW, 40)


@pytest.mark.parametrize("kind", BEHAVIORAL_KINDS)
def test_changing_the_future_changes_no_candidate_and_no_feature(kind: QuestionKind) -> None:
    end = datetime.fromtimestamp(WINDOW.until, UTC)
    future = EVENTS.filter(pl.col("timestamp") >= end)
    altered = future.with_columns(product_id=pl.col("product_id").reverse(), type=pl.lit("purchase"))
    real, other = answered(EVENTS)[kind], answered(pl.concat([EVENTS.filter(pl.col("timestamp") < end), altered]))[kind]
    assert len(real.retrieved) >= 30
    for one, two in zip(real.retrieved, other.retrieved, strict=True):
        np.testing.assert_array_equal(one.rows, two.rows)
    np.testing.assert_array_equal(real.examples.matrix, other.examples.matrix)
    np.testing.assert_array_equal(real.examples.grades, other.examples.grades)


@pytest.mark.parametrize("kind", BEHAVIORAL_KINDS)
def test_purchases_within_a_window_change_only_the_features_of_later_questions(
    kind: QuestionKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {of: teacher(EVENTS)._questions(of, WINDOW, 40) for of in BEHAVIORAL_KINDS}
    monkeypatch.setattr(BehavioralTeacher, "_questions", lambda self, kind, window, count: asked[kind])
    day = (WINDOW.moment - FIRST_DAY.timestamp()) / DAY_S + 5
    rush = [("purchase", product, f"r{shopper}", "rush", day + 0.5) for shopper in range(3) for product in TABLE.ids[:-1]]
    with_rush = pl.concat([EVENTS.drop("event_id"), basket_events(*rush)]).sort("timestamp")
    real, other = answered(EVENTS)[kind], answered(with_rush)[kind]
    month = registry.names(kind).index("purchases_30d")
    later = [one.question.moment >= FIRST_DAY.timestamp() + (day + 1) * DAY_S for one in real.retrieved]
    assert 5 < sum(later) < len(later) - 5
    for after, (start, stop) in zip(later, real.examples.bounds, strict=True):
        if after:
            assert (other.examples.matrix[start:stop, month] > real.examples.matrix[start:stop, month]).any()
        else:
            np.testing.assert_array_equal(other.examples.matrix[start:stop], real.examples.matrix[start:stop])


@dataclass(frozen=True)
class Learned:
    """Stands in for a model: a digest of what it would have learned from."""

    digest: str

    @classmethod
    def of(cls, sets: Sequence[ExampleSet], chosen: object) -> "Learned":
        every = joined(list(sets))
        return cls(hashlib.sha256(every.matrix.tobytes() + every.grades.tobytes() + every.sizes.tobytes()).hexdigest())


def test_the_test_period_trains_the_served_model_but_not_the_evaluated_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With purchases of the test period shuffled, the evaluated model must stay the same and the served one must not."""
    split = Shop(PRODUCTS, EVENTS).periods()
    assert split is not None
    last = pl.col("timestamp") >= split.test_from
    altered = EVENTS.filter(last).with_columns(product_id=pl.col("product_id").reverse())
    judged_by: list[object] = []

    def judge(kind: QuestionKind, model: object, answered: Answered) -> list[Row]:
        judged_by.append(model)
        return []

    monkeypatch.setattr(behavioral, "judged", judge)
    monkeypatch.setattr(behavioral, "tuned", lambda *asked: None)
    monkeypatch.setattr(behavioral, "train_once_more", Learned.of)
    monkeypatch.setattr(behavioral, "MIN_TRAIN", 20)
    plan = replace(SMALL_PLAN, kinds=("together",), behavioral=40, behavioral_held_out=40, windows=2)
    served: list[object] = [
        teacher(events, plan).teach()["together"].model
        for events in (EVENTS, pl.concat([EVENTS.filter(~last), altered]).sort("timestamp"))
    ]
    assert judged_by[0] == judged_by[1]
    assert served[0] != served[1]
    assert served[0] != judged_by[0]
