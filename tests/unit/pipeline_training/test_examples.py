"""Questions, their grades, and that nothing from the future leaks in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shelfwise.contracts.retrieve import PER_TEXT, QuestionKind
from shelfwise.contracts.retrieve import SOURCES as ASKED_BY_DEFAULT
from shelfwise_gateway.scenarios import Scenarios
from shelfwise_pipeline.examples import featurizing
from shelfwise_pipeline.examples.featurizing import WindowedBehavior, featurize
from shelfwise_pipeline.examples.from_catalog import _like_query, _like_seed, catalog_questions, what_words_say
from shelfwise_pipeline.examples.from_events import HORIZON_S, EventQuestions
from shelfwise_pipeline.examples.histories import Histories, graded
from shelfwise_pipeline.examples.matching import Wording
from shelfwise_pipeline.examples.on_sale import since_first_event
from shelfwise_pipeline.examples.retrieving import BEHAVIORAL_LIMIT, LIMIT, Retrieving, with_answer
from shelfwise_pipeline.examples.split import split_times
from shelfwise_pipeline.training.day_zero import train_day_zero
from shelfwise_pipeline.training.facts import fusion_example
from shelfwise_pipeline.training.plan import BEHAVIORAL_KINDS
from shelfwise_pipeline.training.train import train
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.event_log import PURCHASE, VIEW, EventLog
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.rating import Rating
from shelfwise_ranker.features.request import SOURCES
from shelfwise_ranker.features.votes import ProductVotes
from shelfwise_ranker.model import RankModel
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.tallies import DAY_S
from tests.support.ranker import (
    FIRST_DAY,
    SMALL_PLAN,
    SmallRetriever,
    Trained,
    build_ranker,
    encode,
    shop_events,
    shop_products,
)

PRODUCTS = shop_products()
TABLE = build_table(PRODUCTS)
EVENTS = shop_events(PRODUCTS)
KINDS = registry.CATALOG_KINDS


def retrieving(threads: int = 1) -> Retrieving:
    return Retrieving(SmallRetriever(PRODUCTS), encode, TABLE, threads)


def scrambled_after(moment: datetime) -> pl.DataFrame:
    """The events, with other products and users from the moment on, and a thousand more."""
    future = EVENTS.filter(pl.col("timestamp") >= moment)
    altered = future.with_columns(product_id=pl.col("product_id").reverse(), user_id=pl.lit("stranger"))
    more = pl.concat([altered.head(500), altered.head(500)]).with_columns(event_id=pl.lit("more"), type=pl.lit("purchase"))
    return pl.concat([EVENTS.filter(pl.col("timestamp") < moment), altered, more])


@pytest.mark.parametrize("kind", KINDS)
def test_changing_the_future_changes_no_feature_and_no_score(kind: QuestionKind) -> None:
    split = split_times(EVENTS)
    assert split is not None
    log = EventLog.of(TABLE, EVENTS)
    questions = EventQuestions(TABLE, PRODUCTS, log, seed=1).make(kind, split.train(), 60)
    assert len(questions) == 60
    retrieved = retrieving().retrieve(questions)
    start, window_s = split.train_from.timestamp(), split.window_s
    examples = featurize(kind, retrieved, TABLE, WindowedBehavior(TABLE, log, start, window_s))
    model = train(examples, None)
    for place in (0, 30, 59):
        # The future of a question: everything from its own moment on.
        moment = datetime.fromtimestamp(questions[place].moment, UTC)
        other_log = EventLog.of(TABLE, scrambled_after(moment))
        other = featurize(kind, [retrieved[place]], TABLE, WindowedBehavior(TABLE, other_log, start, window_s))
        first, last = examples.bounds[place]
        np.testing.assert_array_equal(other.matrix, examples.matrix[first:last])
        np.testing.assert_array_equal(model.scores(other.matrix), model.scores(examples.matrix[first:last]))


def test_a_long_history_keeps_only_the_last_two_windows_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    split = split_times(EVENTS)
    assert split is not None
    log = EventLog.of(TABLE, EVENTS)
    retrieved = retrieving().retrieve(EventQuestions(TABLE, PRODUCTS, log, seed=1).make("text", split.train(), 60))
    start = split.train_from.timestamp()

    def behavior() -> WindowedBehavior:
        return WindowedBehavior(TABLE, log, start, split.window_s / 4)

    plain = featurize("text", retrieved, TABLE, behavior(), without_dense=0.5)
    monkeypatch.setattr(featurizing, "KEPT_BYTES", 0)
    made: list[float] = []
    compute = BehaviorStats.compute

    def counted(table: ProductTable, events: EventLog, as_of: float) -> BehaviorStats:
        made.append(as_of)
        return compute(table, events, as_of)

    monkeypatch.setattr(BehaviorStats, "compute", counted)
    kept = behavior()
    frugal = featurize("text", retrieved, TABLE, kept, without_dense=0.5)
    np.testing.assert_array_equal(frugal.matrix, plain.matrix)
    np.testing.assert_array_equal(frugal.grades, plain.grades)
    assert len(made) == len(set(made)) > 4, "each window once"
    again = len(made)
    for moment in (made[-2], made[-1], made[-2], made[0]):
        kept(moment + 1)
    assert len(made) == again + 1, "the last two are still there"


def test_the_past_does_change_features() -> None:
    split = split_times(EVENTS)
    assert split is not None
    log = EventLog.of(TABLE, EVENTS)
    retrieved = retrieving().retrieve(EventQuestions(TABLE, PRODUCTS, log, seed=1).make("text", split.train(), 5))
    without_past = EventLog.of(TABLE, scrambled_after(FIRST_DAY - timedelta(days=1)))
    start = split.train_from.timestamp()
    with_it, without = (
        featurize("text", retrieved, TABLE, WindowedBehavior(TABLE, history, start, split.window_s))
        for history in (log, without_past)
    )
    assert not np.array_equal(with_it.matrix, without.matrix, equal_nan=True)


def test_answers_come_from_within_the_period_only() -> None:
    split = split_times(EVENTS)
    assert split is not None
    end = split.train()[1]
    rows = np.arange(len(TABLE), dtype=np.int32)
    before = EventQuestions(TABLE, PRODUCTS, EventLog.of(TABLE, EVENTS), seed=1).make("text", split.train(), 80)
    cut = EventLog.of(TABLE, EVENTS.filter(pl.col("timestamp") < split.validate_from))
    after = EventQuestions(TABLE, PRODUCTS, cut, seed=1).make("text", split.train(), 80)
    assert [question.text for question in before] == [question.text for question in after]
    for one, other in zip(before, after, strict=True):
        assert one.moment < end
        np.testing.assert_array_equal(one.grade(rows), other.grade(rows))


def test_products_created_after_the_question_are_not_candidates() -> None:
    split = split_times(EVENTS)
    assert split is not None
    early = EventQuestions(TABLE, PRODUCTS, EventLog.of(TABLE, EVENTS), seed=1).make("text", split.train(), 40)
    for one in retrieving().retrieve(early):
        created = TABLE.created_at[one.rows]
        assert not (created >= one.question.moment).any()
    assert (~np.isnan(TABLE.created_at[:-1])).sum() > 3


def test_products_all_dated_by_an_export_still_train_models_from_events(tmp_path: Path) -> None:
    exported = EVENTS["timestamp"].max()
    moved = PRODUCTS.with_columns(created_at=pl.lit(exported, pl.Datetime("us", "UTC")))
    facts = build_ranker(tmp_path, products=moved, plan=replace(SMALL_PLAN, kinds=()))
    rows = {(row.task, row.system): row for row in facts.evaluation}
    for kind in KINDS:
        assert facts.trained_on[kind] == "events"
        assert rows[f"{kind}, purchases", "ranker"].n == SMALL_PLAN.test
        difference = rows[f"{kind}, purchases", "day-0 ranker"].difference
        assert difference is not None
        assert difference.low > 0


def test_no_product_is_younger_than_its_first_event() -> None:
    log = EventLog.of(TABLE, EVENTS)
    dated = replace(TABLE, created_at=TABLE.created_at.copy())
    dated.created_at[:3] = [log.times[-1] + 1, np.nan, log.times[0] - 1]
    created = since_first_event(dated, log).created_at
    assert created[0] == log.times[log.rows == 0].min()
    assert np.isnan(created[1])
    assert created[2] == log.times[0] - 1
    assert not (created[log.rows] > log.times).any()


def test_purchased_products_are_graded_above_viewed_ones() -> None:
    histories = Histories.of(EventLog.of(TABLE, EVENTS))
    moment: datetime = EVENTS.filter(pl.col("user_id") == "u1")["timestamp"].sort()[0]
    user = sorted(set(EVENTS["user_id"])).index("u1")
    start = moment.timestamp()
    rows, grades = histories.wanted(user, start, start + 40 * 86_400)
    seen = EVENTS.filter((pl.col("user_id") == "u1") & (pl.col("timestamp") < moment + timedelta(days=40)))
    bought = set(seen.filter(pl.col("type") == "purchase")["product_id"])
    assert {TABLE.ids[row] for row in rows[grades == 3]} == bought
    assert {TABLE.ids[row] for row in rows[grades == 1]} == set(seen["product_id"]) - bought
    assert graded(np.array([rows[0], -1], np.int32), rows, grades).tolist() == [grades[0], 0]


def test_the_best_catalog_grade_of_a_query_is_for_one_title_or_a_category() -> None:
    for question in catalog_questions("text", TABLE, PRODUCTS, 40, moment=0.0, seed=3):
        grades = question.grade(np.arange(len(TABLE), dtype=np.int32))
        assert set(grades.tolist()) <= {0, 1, 2, 3}
        assert grades.max() >= 1
        best = np.flatnonzero(grades == 3).astype(np.int32)
        assert (
            len({TABLE.titles[row] for row in best}) <= 1 or Wording(TABLE).of_category(question.text or "", best) is not None
        )


def test_a_query_for_a_category_grades_titles_with_its_words_highest() -> None:
    titles = ["Mild Shampoo", "Shampoo with Honey", "Hair Wash Powder", "Balm", "Dog Shampoo", "Leash"]
    leaves = ["Shampoo & Conditioner"] * 4 + ["Dogs"] * 2
    products = PRODUCTS.head(6).with_columns(title=pl.Series(titles), category=pl.Series([[leaf] for leaf in leaves]))
    table = build_table(products)
    asked = catalog_questions("text", table, products.with_columns(brand=pl.lit(None)), 6, moment=0.0, seed=1)
    grades = {question.text: question.grade(np.arange(6, dtype=np.int32)).tolist() for question in asked}
    assert grades["shampoo"] == [3, 3, 2, 2, 1, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("butter", [3, 2, 1, 1, 0, 0]),  # the category of butter, which joins it to another thing; not what is made of it
        ("margarine", [2, 3, 0, 0, 0, 0]),
        ("butter margarine", [2, 2, 0, 0, 0, 0]),
        ("cookie", [0, 0, 3, 1, 0, 0]),
        ("spices", [0, 0, 0, 1, 2, 3]),  # two categories end with the word
        ("whole spices", [0, 0, 0, 0, 2, 0]),
        ("herb spices", [0, 0, 0, 3, 0, 0]),  # not a category's name: the product that the query was made from
    ],
)
def test_a_query_of_a_category_name_grades_products_by_their_category(text: str, expected: list[int]) -> None:
    titles = ["Salted Butter", "Light Margarine", "Butter Cookie", "Cookie with Herb Butter and Spices", "Clove", "Five Spices"]
    leaves = ["Butter & Margarine"] * 2 + ["Sweet Cookies", "Cheese", "Whole Spices", "Ground Spices"]
    table = build_table(pl.DataFrame({"product_id": titles, "title": titles, "category": [[leaf] for leaf in leaves]}))
    grades = _like_query(table, Wording(table), text, 3, np.arange(6, dtype=np.int32))
    assert grades.tolist() == expected


def test_a_query_with_an_amount_means_that_amount_and_not_the_bare_number() -> None:
    titles = ["Memory Card 64 GB", "SDXC Card 64GB", "Memory Card 32 GB", "Memory Card 32 GB, Pack of 64", "Rope 64 m"]
    shelves = [["Storage"]] * 4 + [["Ropes"]]
    table = build_table(pl.DataFrame({"product_id": titles, "title": titles, "category": shelves}))
    grades = _like_query(table, Wording(table), "64 gb memory card", 0, np.arange(5, dtype=np.int32))
    assert grades.tolist() == [3, 2, 1, 1, 0]


def test_a_query_of_a_brand_grades_all_of_its_products_and_no_others() -> None:
    brands = PRODUCTS["brand"].to_list()
    asked = catalog_questions("text", TABLE, PRODUCTS, len(TABLE), moment=0.0, seed=3)
    of_brands = [question for question in asked if question.text in {brand.lower() for brand in brands if brand}]
    assert of_brands
    for question in of_brands:
        grades = question.grade(np.arange(len(TABLE), dtype=np.int32))
        assert grades.tolist() == [2 * ((brand or "").lower() == question.text) for brand in brands]


def test_catalog_grades_of_a_seed_follow_category_and_kind() -> None:
    question = catalog_questions("product", TABLE, PRODUCTS, 1, moment=0.0, seed=3)[0]
    grades = question.grade(np.arange(len(TABLE), dtype=np.int32))
    assert grades[question.seed] == 3
    assert (grades[TABLE.leaf[:-1] != TABLE.leaf[question.seed]] == 0).all()
    same_kind = [
        row for row, title in enumerate(TABLE.titles[:-1]) if title.split()[:2] == TABLE.titles[question.seed].split()[:2]
    ]
    assert (grades[same_kind] >= 2).all()


def test_within_a_seeds_category_more_similar_titles_are_graded_higher() -> None:
    titles = ["Soft Car Duster Brush", "Car Duster Brush", "Wheel Brush", "Car Key Shell", "Sunshade", "Soft Car Duster"]
    shelves = [["Car Accessories"]] * 5 + [["Home"]]
    table = build_table(pl.DataFrame({"product_id": titles, "title": titles, "category": shelves}))
    exact, near, brush, key, shade, elsewhere = _like_seed(
        table, what_words_say(table), 0, np.arange(6, dtype=np.int32)
    ).tolist()
    assert (exact, near, shade, elsewhere) == (3, 2, 1, 0)
    assert 1 < key < brush < 2 or 1 < brush < key < 2


def test_without_dense_only_lexical_candidates_are_left() -> None:
    questions = catalog_questions("text", TABLE, PRODUCTS, 20, moment=2e9, seed=3)
    retrieved = retrieving().retrieve(questions)
    log = EventLog.empty()
    plain = featurize("text", retrieved, TABLE, WindowedBehavior(TABLE, log, 0.0, 1e9))
    without = featurize("text", retrieved, TABLE, WindowedBehavior(TABLE, log, 0.0, 1e9), without_dense=1.0)
    assert len(without.matrix) < len(plain.matrix)
    score = registry.names("text").index("dense_score")
    lexical_found = registry.names("text").index("lexical_found")
    taken = np.isnan(without.matrix[:, score])
    assert taken.sum() > 0
    assert (without.matrix[taken, lexical_found] == 1.0).all()
    assert not np.isnan(retrieved[0].scores[:, SOURCES.index("dense")]).any()


def test_product_votes_reach_models_from_events_and_the_fusion_but_not_day_zero() -> None:
    split = split_times(EVENTS)
    assert split is not None
    log = EventLog.of(TABLE, EVENTS)
    retrieved = retrieving().retrieve(EventQuestions(TABLE, PRODUCTS, log, seed=1).make("product", split.train(), 300))
    told = fusion_example(retrieved[0]).scores
    assert tuple(told) == ASKED_BY_DEFAULT["product"]
    assert not np.isnan(told["category"]).all()
    behavior = WindowedBehavior(TABLE, log, split.train_from.timestamp(), split.window_s)
    taught = train(featurize("product", with_answer(retrieved), TABLE, behavior), None)
    assert taught.used & set(ProductVotes.columns)
    from_catalog = retrieving().retrieve(catalog_questions("product", TABLE, PRODUCTS, 60, moment=2e9, seed=3))
    assert not train_day_zero("product", from_catalog, TABLE).model.used & set(ProductVotes.columns)


@pytest.mark.parametrize("kind", registry.KINDS)
def test_training_retrieves_as_the_shipped_scenario_does(kind: QuestionKind) -> None:
    scenarios = Scenarios.load(None)
    scenario = scenarios.named[scenarios.first[kind]]
    assert scenario.sources is None, "the retriever's default is what training asks"
    assert scenario.candidates == (BEHAVIORAL_LIMIT if kind in BEHAVIORAL_KINDS else LIMIT)
    assert scenario.per_text == PER_TEXT


@pytest.mark.parametrize("kind", KINDS)
def test_products_out_of_stock_are_not_candidates(kind: QuestionKind) -> None:
    few = PRODUCTS.with_columns(in_stock=pl.int_range(pl.len()) % 3 == 0)
    asking = Retrieving(SmallRetriever(few), encode, TABLE)
    for one in asking.retrieve(catalog_questions(kind, TABLE, few, 10, moment=2e9, seed=3)):
        assert len(one.rows) == LIMIT
        assert few["in_stock"].to_numpy()[one.rows].all()


@pytest.mark.parametrize("kind", KINDS)
def test_at_a_shared_till_only_products_of_the_same_moment_are_answers(kind: QuestionKind) -> None:
    split = split_times(EVENTS)
    assert split is not None
    till = EVENTS.with_columns(user_id=pl.lit("till"))
    log = EventLog.of(TABLE, till)
    questions = EventQuestions(TABLE, PRODUCTS, log, seed=1).make(kind, split.train(), 60)
    assert len(questions) > 30
    everything = np.arange(len(TABLE), dtype=np.int32)
    for question in questions:
        right = np.flatnonzero(question.grade(everything))
        assert set(right.tolist()) <= set(log.rows[log.times == question.moment].tolist())


def test_what_the_shopper_touches_in_the_next_two_weeks_answers_a_product_question() -> None:
    log = EventLog.of(TABLE, EVENTS)
    split = split_times(EVENTS)
    assert split is not None
    everything = np.arange(len(TABLE), dtype=np.int32)
    for question in EventQuestions(TABLE, PRODUCTS, log, seed=1).make("product", split.train(), 60):
        until = min(question.moment + HORIZON_S, split.train()[1])
        touched = log.rows[(log.users == question.asker) & (log.times >= question.moment) & (log.times < until)]
        right = np.flatnonzero(question.grade(everything))
        assert set(right.tolist()) == set(touched.tolist()) - {question.seed}


def test_hours_in_which_a_shopper_only_looked_are_no_hours_of_purchases() -> None:
    hours, kinds = np.array([0.0, 0.5, 1.0, 2.0]), np.array([PURCHASE, PURCHASE, VIEW, PURCHASE], np.int8)
    log = EventLog(np.zeros(4, np.int32), hours * 3600, kinds, np.zeros(4, np.int32))
    assert Histories.of(log).hours_of_purchases(0, 0.0, 9e9) == 2


def test_no_question_from_events_is_about_a_product_out_of_stock() -> None:
    few = PRODUCTS.with_columns(in_stock=pl.int_range(pl.len()) % 3 == 0)
    split = split_times(EVENTS)
    assert split is not None
    questions = EventQuestions(TABLE, few, EventLog.of(TABLE, EVENTS), seed=1).make("product", split.train(), 60)
    assert questions
    assert all(question.seed % 3 == 0 for question in questions)


def test_statistics_are_as_of_the_start_of_the_moments_window() -> None:
    start = FIRST_DAY.timestamp()
    behavior_at = WindowedBehavior(TABLE, EventLog.of(TABLE, EVENTS), start, 7 * DAY_S)
    assert behavior_at(start + 20 * DAY_S).as_of == start + 14 * DAY_S


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_from_events_knows_who_asked(kind: QuestionKind) -> None:
    log = EventLog.of(TABLE, EVENTS)
    split = split_times(EVENTS)
    assert split is not None
    questions = EventQuestions(TABLE, PRODUCTS, log, seed=1).make(kind, split.test(), 80)
    assert len({question.asker for question in questions}) < len(questions) == 80
    for question in questions:
        assert question.asker in log.users[log.times == question.moment]


def test_the_number_of_threads_does_not_change_the_candidates() -> None:
    questions = catalog_questions("product", TABLE, PRODUCTS, 30, moment=2e9, seed=3)
    one, two = retrieving(1).retrieve(questions), retrieving(2).retrieve(questions)
    assert [single.rows.tolist() for single in one] == [double.rows.tolist() for double in two]


def test_training_twice_gives_the_same_files(trained: Trained, tmp_path: Path) -> None:
    assert build_ranker(tmp_path).evaluation == trained.facts.evaluation
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    names = {path.as_posix() for path in files}
    assert names == {
        "products.parquet", "behavior.parquet", "habits.parquet", "vocabulary.json", "models/text.txt", "models/product.txt",
        "models/together.txt", "models/user.txt", "models.json", "warmup.jsonl", "evaluation.json",
    }  # fmt: skip
    for path in files:
        assert (tmp_path / path).read_bytes() == (trained.folder / path).read_bytes(), path


def test_the_ranker_beats_popularity_and_retrieval_order_on_purchases(trained: Trained) -> None:
    facts = trained.facts
    assert facts.trained_on == dict.fromkeys(("text", "product", "together", "user"), "events")
    rows = {(row.task, row.system): row for row in facts.evaluation}
    for kind in KINDS:
        for rival in ("popularity", "retrieval order"):
            difference = rows[f"{kind}, purchases", rival].difference
            assert difference is not None
            assert difference.low > 0
        assert rows[f"{kind}, purchases", "ranker"].n == 100
        assert facts.features[kind] == registry.names(kind)
        assert len(facts.fusion[kind]) == 20
        assert facts.trees[kind] > 1


def test_models_from_events_do_not_use_ratings_that_came_with_the_sales(tmp_path: Path) -> None:
    sold = EVENTS.filter(pl.col("type") == "purchase").group_by("product_id").agg(rating_count=pl.len())
    rated = PRODUCTS.drop("rating_count").join(sold, on="product_id", how="left", maintain_order="left")
    facts = build_ranker(tmp_path, products=rated.with_columns(rating=pl.when(pl.col("rating_count") > 0).then(4.5)))
    for kind in facts.features:
        assert facts.trained_on[kind] == "events"
        assert RankModel.load(tmp_path, kind).used.isdisjoint(Rating.columns)


def test_a_shop_without_events_gets_the_day_0_models(tmp_path: Path) -> None:
    facts = build_ranker(tmp_path, EVENTS.clear())
    assert facts.trained_on == {"text": "catalog", "product": "catalog", "together": "stand-in", "user": "stand-in"}
    rows = {(row.task, row.system): row for row in facts.evaluation}
    assert rows["text, catalog", "day-0 ranker"].value > rows["text, catalog", "random"].value
    assert all("purchases" not in row.task for row in facts.evaluation)
