"""The asker's past in text and product questions: in training without the visit of the question, in service with purchases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise.contracts.history import History
from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.examples.askers import Askers
from shelfwise_pipeline.examples.featurizing import WindowedBehavior, featurize
from shelfwise_pipeline.examples.from_catalog import catalog_questions
from shelfwise_pipeline.examples.from_events import EventQuestions
from shelfwise_pipeline.examples.pasts import Pasts
from shelfwise_pipeline.examples.question import Question
from shelfwise_pipeline.examples.retrieving import Retrieving
from shelfwise_pipeline.examples.split import split_times
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.asker import AskersInterest, AskersPurchases
from shelfwise_ranker.features.relevance import NEARLY
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.warm_up import warm_up_requests
from tests.support.history import history
from tests.support.ranker import DAYS, FIRST_DAY, SMALL_PLAN, SmallRetriever, build_ranker, encode, shop_events, shop_products

PRODUCTS = shop_products()
TABLE = build_table(PRODUCTS)
EVENTS = shop_events(PRODUCTS)
USERS = sorted(EVENTS["user_id"].unique())
EVENT_SCHEMA = pl.Schema(dict.fromkeys(("type", "product_id", "user_id", "session_id"), pl.String)) | {
    "timestamp": pl.Datetime("us", "UTC")
}
KINDS = registry.CATALOG_KINDS
ASKERS_COLUMNS = [*AskersPurchases.columns, *AskersInterest.columns]


def askers(events: pl.DataFrame = EVENTS, seed: int = 7) -> Askers:
    return Askers(Pasts.of(TABLE, EventLog.of(TABLE, events), events), seed)


def asked(kind: QuestionKind, count: int, events: pl.DataFrame = EVENTS) -> list[Question]:
    split = split_times(events)
    assert split is not None
    return EventQuestions(TABLE, PRODUCTS, EventLog.of(TABLE, events), seed=1).make(kind, split.train(), count)


def touched_before(question: Question, events: pl.DataFrame = EVENTS, **ago: float) -> set[str]:
    moment = datetime.fromtimestamp(question.moment, UTC) - timedelta(**ago)
    of_asker = events.filter(pl.col("user_id") == USERS[question.asker], pl.col("timestamp") < moment)
    return set(of_asker["product_id"])


@pytest.mark.parametrize("kind", KINDS)
def test_an_askers_past_ends_before_the_visit_of_the_question(kind: QuestionKind) -> None:
    """Every order of this shop follows a view five minutes before."""
    known = askers()
    looked = 0
    for question in asked(kind, 60):
        past = known.known(question)
        assert set(past.products if past is not None else ()) == touched_before(question, minutes=10)
        assert past is None or min(past.last_s) > 300
        looked += touched_before(question) != touched_before(question, minutes=10)
    assert looked > 10


def test_events_belong_to_one_visit_until_there_is_a_long_pause() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    did = [("purchase", "p001", 30.0), ("view", "p002", 9.0), ("add_to_cart", "p002", 6.0), ("impression", "p003", 4.0),
           ("view", "p004", 3.0), ("purchase", "p002", 0.0), ("purchase", "p005", -1.0)]  # fmt: skip
    rows = [(kind, product, "ann", None, at - timedelta(hours=hours)) for kind, product, hours in did]
    events = pl.DataFrame(rows, schema=EVENT_SCHEMA, orient="row")

    def known(hours: float) -> list[str]:
        moment = (at - timedelta(hours=hours)).timestamp()
        question = Question("text", moment, "milk", -1, lambda rows: np.zeros(len(rows), np.int8), asker=0)
        past = askers(events).known(question)
        return past.products if past is not None else []

    assert known(0.0) == ["p001"]
    assert known(-20.0) == ["p005", "p002", "p004", "p001"]
    assert known(30.0) == []


def test_about_half_of_the_training_questions_are_asked_as_by_strangers() -> None:
    questions = asked("text", 300)
    some, again, other = (askers(seed=seed).some_known for seed in (7, 7, 8))
    told = [some(question) is not None for question in questions]
    assert 0.4 < np.mean(told) / np.mean([askers().known(question) is not None for question in questions]) < 0.6
    assert told == [again(question) is not None for question in questions]
    assert told != [other(question) is not None for question in questions]


def test_catalog_questions_and_those_of_a_shared_till_have_no_past() -> None:
    till = EVENTS.with_columns(user_id=pl.lit("till"))
    known = askers(till).known
    assert not any(
        known(question) for question in asked("text", 60, till) if question.moment > FIRST_DAY.timestamp() + 30 * 86_400
    )
    of_catalog = catalog_questions("text", TABLE, PRODUCTS, 20, moment=2e9, seed=3)
    assert not any(map(askers().known, of_catalog))
    assert not any(map(askers().some_known, of_catalog))


def test_an_askers_past_keeps_products_that_are_no_longer_sold() -> None:
    gone = EVENTS.with_columns(product_id=pl.when(pl.col("type") == "view").then(pl.lit("gone")).otherwise("product_id"))
    pasts = [askers(gone).known(question) for question in asked("text", 60, gone)]
    assert any(past is not None and "gone" in past.products for past in pasts)


@pytest.mark.parametrize("kind", KINDS)
def test_asker_features_come_from_the_past_and_are_missing_for_strangers(kind: QuestionKind) -> None:
    split = split_times(EVENTS)
    assert split is not None
    behavior = WindowedBehavior(TABLE, EventLog.of(TABLE, EVENTS), split.train_from.timestamp(), split.window_s)
    retrieved = Retrieving(SmallRetriever(PRODUCTS), encode, TABLE).retrieve(asked(kind, 40))
    of_asker = np.isin(registry.names(kind), ASKERS_COLUMNS)
    assert of_asker.sum() == len(ASKERS_COLUMNS)
    known = featurize(kind, retrieved, TABLE, behavior, history_at=askers().known)
    strangers = featurize(kind, retrieved, TABLE, behavior)
    assert np.isnan(strangers.matrix[:, of_asker]).all()
    np.testing.assert_array_equal(known.matrix[:, ~of_asker], strangers.matrix[:, ~of_asker])
    bought, short, lacking = (
        known.matrix[:, registry.names(kind).index(name)]
        for name in ("own_purchases", "relevance_minus_best", "query_in_any_minus_best")
    )
    for (start, stop), one in zip(known.bounds, retrieved, strict=True):
        past = askers().known(one.question)
        if past is None:
            assert np.isnan(bought[start:stop]).all()
        else:
            times = dict(zip(past.products, past.purchases, strict=True))
            near = np.maximum(short, lacking)[start:stop] >= -NEARLY
            assert bought[start:stop].tolist() == [
                times.get(TABLE.ids[row], 0) if fits else 0 for row, fits in zip(one.rows.tolist(), near.tolist(), strict=True)
            ]


def loyal_events() -> pl.DataFrame:
    """A shop in which every shopper always buys the same eight products, and no two shoppers the same ones."""
    draw = np.random.default_rng(5)
    ids = PRODUCTS["product_id"].to_list()
    rows = []
    for shopper in range(80):
        favourites = draw.choice(len(ids), 8, replace=False)
        for order in range(20):
            moment = FIRST_DAY + timedelta(days=float(draw.uniform(0, DAYS)))
            rows += [
                ("purchase", ids[place], f"u{shopper}", f"b{shopper}-{order}", moment)
                for place in draw.choice(favourites, 3, replace=False).tolist()
            ]
    return (
        pl.DataFrame(rows, schema=EVENT_SCHEMA, orient="row")
        .sort("timestamp")
        .with_row_index("event_id")
        .with_columns(pl.col("event_id").cast(pl.String))
    )


@pytest.fixture(scope="module")
def loyal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loyal")
    facts = build_ranker(folder, loyal_events(), plan=replace(SMALL_PLAN, kinds=()))
    assert facts.trained_on["text"] == facts.trained_on["product"] == "events"
    return folder


@pytest.fixture(scope="module")
def ranker(loyal: Path) -> Ranker:
    return Ranker.open(loyal, "v1")


def request(text: str, past: History | None, explain: int = 0) -> RankRequest:
    found = SmallRetriever(PRODUCTS).retrieve(kind="text", text=text, vector=encode([text])[0], limit=40)
    scores = {name: [None if x != x else x for x in column.tolist()] for name, column in found.scores.items()}
    return RankRequest(kind="text", text=text, ids=found.ids, scores=scores, history=past, explain=explain)


NOW = (FIRST_DAY + timedelta(days=DAYS)).timestamp()
MILKS = PRODUCTS.filter(pl.col("title").str.starts_with("Chocolate Milk"))["product_id"].to_list()


def first(ranker: Ranker, asked: RankRequest) -> str:
    return asked.ids[int(np.argmax(ranker.rank(asked, NOW).response.scores))]


def test_a_shopper_who_always_buys_one_milk_finds_it_first(ranker: Ranker) -> None:
    assert len(MILKS) == 12
    for milk in MILKS:
        of_ann = history((milk, 9, 5, 0, 0), ("p001", 9, 2, 0, 0), ("p100", 30, 1, 0, 0))
        assert first(ranker, request("chocolate milk", of_ann)) == milk
    assert first(ranker, request("chocolate milk", history(("p001", 9, 2, 0, 0)))) in MILKS
    assert first(ranker, request("chocolate milk", None)) in MILKS


def test_frequent_purchases_do_not_come_before_what_was_asked_for(ranker: Ranker) -> None:
    of_ann = history(("p001", 9, 9, 0, 0), (MILKS[3], 9, 5, 0, 0))
    assert first(ranker, request("nail file", of_ann)) not in (MILKS[3], "p001")


def test_an_empty_history_ranks_like_a_missing_one(ranker: Ranker) -> None:
    nobody = ranker.rank(request("chocolate milk", None), NOW).response.scores
    assert ranker.rank(request("chocolate milk", history()), NOW).response.scores == nobody


def test_reasons_name_the_askers_own_purchases(ranker: Ranker) -> None:
    answer = ranker.rank(request("chocolate milk", history((MILKS[0], 9, 5, 0, 0)), explain=3), NOW).response
    assert "you bought it 5 times" in answer.reasons[MILKS[0]].sentence
    others = [reason.sentence for product, reason in answer.reasons.items() if product != MILKS[0]]
    assert others
    assert not any("you bought" in sentence for sentence in others)
    strangers = ranker.rank(request("chocolate milk", None, explain=5), NOW).response.reasons
    assert not any("you " in reason.sentence for reason in strangers.values())


def test_warm_up_questions_for_texts_and_products_have_no_history(loyal: Path) -> None:
    asked = [request for request in warm_up_requests(loyal) if request.kind in KINDS]
    assert asked
    assert all(request.history is None for request in asked)
