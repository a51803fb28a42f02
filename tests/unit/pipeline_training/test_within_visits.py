"""Questions about shoppers within their visits, and what the ranker learns from them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from shelfwise_pipeline.behavior import fit_behavior
from shelfwise_pipeline.evaluation.evaluate import ranked
from shelfwise_pipeline.evaluation.metrics import ndcg
from shelfwise_pipeline.examples.baskets import Baskets
from shelfwise_pipeline.examples.featurizing import ExampleSet, WindowedBehavior, featurize, telling
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.question import Question
from shelfwise_pipeline.examples.retrieving import Retrieved, Retrieving
from shelfwise_pipeline.examples.shoppers import IN_VISIT, Shoppers
from shelfwise_pipeline.examples.windows import Window
from shelfwise_pipeline.training.choosing import choose, train_once_more
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.tallies import DAY_S
from tests.support.ranker import FIRST_DAY, SmallRetriever, encode, shop_events, shop_products, visits

PRODUCTS = shop_products().with_columns(created_at=pl.lit(None, pl.Datetime("us", "UTC")))  # every product has always existed
TABLE = build_table(PRODUCTS)
EVENTS = visits(PRODUCTS)
LOG = EventLog.of(TABLE, EVENTS)


def window(first: int, last: int) -> Window:
    return Window(*((FIRST_DAY + timedelta(days=day)).timestamp() for day in (first, last)))


TEACHING, CHOOSING, JUDGING = window(50, 75), window(75, 95), window(95, 120)


def shoppers_of(events: pl.DataFrame) -> Shoppers:
    offered = np.append(np.ones(len(TABLE), dtype=bool), False)
    return Shoppers(TABLE, Baskets.of(TABLE, events), Pasts.of(TABLE, EventLog.of(TABLE, events), events), offered)


def right(question: Question) -> set[str]:
    return {TABLE.ids[row] for row in np.flatnonzero(question.grade(np.arange(len(TABLE), dtype=np.int32)))}


def test_questions_within_a_visit_know_its_clicks_and_expect_its_later_purchases() -> None:
    questions = shoppers_of(EVENTS).questions(JUDGING, 100, 1, new_too=0.0, at_visit=1.0, in_visit=1.0)
    timed = EVENTS.with_columns(time=pl.col("timestamp").dt.epoch("us") / 1e6)
    users = sorted(EVENTS["user_id"].unique())
    clicked = 0
    for question in questions:
        of_user = timed.filter(pl.col("user_id") == users[question.asker])
        before, after = (of_user.filter(side) for side in (pl.col("time") < question.moment, pl.col("time") >= question.moment))
        assert question.history is not None
        assert set(question.history.products) == set(before["product_id"])
        visit = after.filter(pl.col("session_id") == after["session_id"][0])
        if visit["session_id"][0] in before["session_id"]:
            clicked += 1
            assert right(question) == set(visit.filter(pl.col("type") == "purchase")["product_id"]) != set()
    assert clicked > 0.8 * len(questions), "all but those who bought nothing"


def test_purchases_of_a_visit_before_the_question_are_not_answers() -> None:
    clicks = [("purchase", 0, -30), ("view", 1, 0), ("purchase", 1, 1), ("view", 2, 2), ("purchase", 2, 3), ("view", 3, 4)]
    events = pl.DataFrame(
        [
            (kind, TABLE.ids[row], "ann", "old" if day < 0 else "visit", FIRST_DAY + timedelta(days=60 + day))
            for kind, row, day in clicks
        ],
        {**dict.fromkeys(("type", "product_id", "user_id", "session_id"), pl.String), "timestamp": pl.Datetime("us", "UTC")},
        orient="row",
    )
    shoppers = shoppers_of(events)
    asked = [
        shoppers.questions(window(60, last), 1, seed, new_too=0.0, at_visit=1.0, in_visit=1.0)[0]
        for seed in range(40)
        for last in (63, 70)
    ]
    days = {(int((one.moment - FIRST_DAY.timestamp()) // DAY_S) - 60, tuple(sorted(right(one)))) for one in asked}
    assert days == {
        (0, (TABLE.ids[1],)), (0, (TABLE.ids[1], TABLE.ids[2])), (1, (TABLE.ids[2],)), (2, (TABLE.ids[2],)),
    }  # fmt: skip


@pytest.mark.parametrize("in_visit", [IN_VISIT, 1.0])
def test_a_shop_of_orders_only_gets_the_same_questions_with_and_without_visits(in_visit: float) -> None:
    orders = shop_events(PRODUCTS).filter(pl.col("type") == "purchase")
    shoppers = shoppers_of(orders)
    usual, others = (shoppers.questions(JUDGING, 80, 1, in_visit=part) for part in (0.0, in_visit))
    assert len(usual) > 70
    for one, other in zip(usual, others, strict=True):
        assert (one.moment, one.asker, one.history, one.exclude) == (other.moment, other.asker, other.history, other.exclude)
        assert right(one) == right(other)


def asked(period: Window, count: int, *, at_visit: float, in_visit: float) -> tuple[list[Retrieved], ExampleSet]:
    known = fit_behavior(TABLE.ids, EVENTS, datetime.fromtimestamp(period.moment, UTC))
    questions = shoppers_of(EVENTS).questions(period, count, 7, new_too=0.0, at_visit=at_visit, in_visit=in_visit)
    retrieved = Retrieving(SmallRetriever(PRODUCTS, known), encode, TABLE).retrieve(questions)
    behavior = WindowedBehavior(TABLE, LOG, period.moment, 5 * DAY_S)
    habits = HabitStats.compute(TABLE, LOG, period.moment)
    return retrieved, featurize("user", retrieved, TABLE, behavior, habits=habits)


def taught(in_visit: float) -> RankModel:
    teaching, choosing = (telling(asked(period, 300, at_visit=0.85, in_visit=in_visit)[1]) for period in (TEACHING, CHOOSING))
    return train_once_more([teaching, choosing], choose(teaching, choosing, most=80))


def values(model: RankModel, answered: tuple[list[Retrieved], ExampleSet]) -> NDArray[np.float64]:
    retrieved, examples = answered
    return np.array([ndcg(scores, one.grades) for scores, one in zip(ranked(model, examples), retrieved, strict=True)])


def test_in_visit_questions_rank_the_cart_first_and_do_no_harm_to_visit_starts() -> None:
    before, now = taught(0.0), taught(IN_VISIT)
    within, starts = (asked(JUDGING, 300, at_visit=1.0, in_visit=part) for part in (1.0, 0.0))
    assert values(now, within).mean() > values(before, within).mean() + 0.1
    assert values(now, starts).mean() > values(before, starts).mean() - 0.02
    in_cart: dict[RankModel, list[int]] = {before: [], now: []}
    for model, places in in_cart.items():
        for scores, one in zip(ranked(model, within[1]), within[0], strict=True):
            assert one.question.history is not None
            last = one.question.history.products[0]
            found = np.flatnonzero(one.rows == TABLE.rows([last])[0])
            if one.question.history.carts[0] and one.question.history.last_s[0] < 300 and len(found):
                places.append(int((scores > scores[found[0]]).sum()) + 1)
    assert len(in_cart[now]) > 30
    assert np.median(in_cart[now]) <= 2 < np.median(in_cart[before])
