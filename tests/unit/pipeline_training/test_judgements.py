"""Questions from judgements, and the models trained on them."""

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from shelfwise_pipeline.evaluation.rows import Row
from shelfwise_pipeline.examples.featurizing import ExampleSet
from shelfwise_pipeline.examples.from_judgements import TRAIN, VALIDATION, judged_questions, part_of
from shelfwise_pipeline.examples.retrieving import Retrieving
from shelfwise_pipeline.shop import Shop
from shelfwise_pipeline.training import from_events, from_judgements, judged_examples
from shelfwise_pipeline.training.judged_examples import FOLDS
from shelfwise_pipeline.training.rankers import train_rankers
from shelfwise_pipeline.training.train import JUDGED_ONLY, train
from shelfwise_pipeline.training.word_costs import learn_word_costs
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.features import registry
from shelfwise_ranker.model import RankModel
from tests.support.ranker import DIMENSION, SMALL_PLAN, Found, SmallRetriever, encode, shop_events, shop_products

PRODUCTS = shop_products()
TABLE = build_table(PRODUCTS)
BRANDS = {"Glow": 0.0, "Crisp": 0.5, "Maker 7": 1.5, None: 3.0}
"""What the judges of this shop grade by, whatever the query says."""


def judgements() -> pl.DataFrame:
    """Every title in several wordings, its four products graded by their brand."""
    rows = [
        (f"{title} {word}".lower(), product, BRANDS[brand])
        for product, title, brand in PRODUCTS.select("product_id", "title", "brand").iter_rows()
        for word in ("", "cheap", "new", "best", "big", "sale")
    ]
    return pl.DataFrame(rows, schema={"query": pl.String, "product_id": pl.String, "grade": pl.Float64}, orient="row")


def test_the_part_of_a_query_depends_on_its_text_alone() -> None:
    every = judged_questions(judgements(), TABLE, 2e9, seed=1)
    half = judged_questions(judgements().sample(fraction=0.5, seed=2), TABLE, 2e9, seed=1)
    for part, found in every.items():
        texts = [one.text for one in found.listed]
        assert texts == [one.text for one in found.searched]
        assert {part_of(text or "") for text in texts} == {part}
        assert {one.text for one in half[part].listed} <= set(texts)
    assert 0.05 < len(every[VALIDATION].listed) / len(every[TRAIN].listed) < 0.35


def test_a_given_split_is_kept() -> None:
    nails = pl.col("query").str.contains("nail")
    given = judgements().with_columns(part=pl.when(nails).then(pl.lit(VALIDATION)).otherwise(pl.lit(TRAIN)))
    parts = judged_questions(given, TABLE, 2e9, seed=1)
    assert {"nail" in (one.text or "") for one in parts[VALIDATION].listed} == {True}
    assert {"nail" in (one.text or "") for one in parts[TRAIN].listed} == {False}


def test_unknown_products_and_queries_without_a_relevant_product_are_left_out() -> None:
    rows = [("paint", "p000", 2.5), ("paint", "unknown", 3.0), ("nothing fits", "p001", 0.0), ("only unknown", "unknown", 3.0)]
    frame = pl.DataFrame(rows, schema=judgements().schema, orient="row")
    parts = judged_questions(frame, TABLE, 2e9, seed=1)
    [one] = [*parts[TRAIN].listed, *parts[VALIDATION].listed]
    assert (one.text, one.listed, one.best) == ("paint", (0,), (2.5,))
    assert one.grade(np.array([3, 0], dtype=np.int32)).tolist() == [0.0, 2.5]


def test_a_listed_question_has_only_its_judged_products_as_candidates() -> None:
    part = judged_questions(judgements(), TABLE, 2e9, seed=1)[TRAIN]
    retrieving = Retrieving(SmallRetriever(PRODUCTS), encode, TABLE)
    listed, searched = retrieving.retrieve(part.listed[:20]), retrieving.retrieve(part.searched[:20])
    for one, other in zip(listed, searched, strict=True):
        assert sorted(one.rows.tolist()) == sorted(one.question.listed or ())
        assert sorted(one.grades.tolist()) == [0.0, 0.5, 1.5, 3.0]
        assert len(other.rows) > len(one.rows)


def test_judgements_train_the_text_model_and_held_out_ones_evaluate_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In this shop only the price tells the brands apart, and models from judgements otherwise look at words alone.
    monkeypatch.setattr(from_judgements, "FAMILIES", from_judgements.FAMILIES | {"price"})
    priced = PRODUCTS.with_columns(price=1.0 + pl.Series([BRANDS[brand] for brand in PRODUCTS["brand"]]))
    shop = Shop(priced, judgements=judgements())
    facts = train_rankers(shop, SmallRetriever(PRODUCTS), encode, tmp_path, plan=SMALL_PLAN)
    assert facts.trained_on["text"] == "judgements"
    assert facts.trained_on["product"] == "catalog"
    rows: dict[tuple[str, str], Row] = {(row.task, row.system): row for row in facts.evaluation}
    for task in ("text, judged lists", "text, judged searches"):
        difference = rows[task, "day-0 ranker"].difference
        assert difference is not None
        assert difference.low > 0
    choosing = judged_questions(judgements(), TABLE, 2e9, seed=1)[VALIDATION].listed
    assert rows["text, judged lists", "ranker"].n == len(choosing)


class Forgetful(SmallRetriever):
    """Finds nothing for half of the validation queries, unless it is told which products to order."""

    def retrieve(self, **asked: Any) -> Found:
        text = asked.get("text") or ""
        if asked.get("only") is None and part_of(text) == VALIDATION and zlib.crc32(text.encode()) % 2:
            return Found([], {}, np.empty(0, np.float32))
        return super().retrieve(**asked)


def test_judged_searches_that_find_nothing_count_and_lower_the_figures(tmp_path: Path) -> None:
    asked = len(judged_questions(judgements(), TABLE, 2e9, seed=1)[VALIDATION].searched)
    found = []
    for retriever in (SmallRetriever(PRODUCTS), Forgetful(PRODUCTS)):
        facts = train_rankers(Shop(PRODUCTS, judgements=judgements()), retriever, encode, tmp_path, plan=SMALL_PLAN)
        found.append({row.system: row for row in facts.evaluation if row.task == "text, judged searches"})
    complete, forgetful = found
    assert {row.n for rows in found for row in rows.values()} == {asked}
    for system, row in forgetful.items():
        assert row.value < 0.7 * complete[system].value


def test_too_few_judgements_leave_the_text_model_unchanged(tmp_path: Path) -> None:
    few = judgements().filter(pl.col("query").str.starts_with("nail"))
    with_few = train_rankers(Shop(PRODUCTS, judgements=few), SmallRetriever(PRODUCTS), encode, tmp_path / "a", plan=SMALL_PLAN)
    train_rankers(Shop(PRODUCTS), SmallRetriever(PRODUCTS), encode, tmp_path / "b", plan=SMALL_PLAN)
    assert with_few.trained_on["text"] == "catalog"
    assert (tmp_path / "a/models/text.txt").read_bytes() == (tmp_path / "b/models/text.txt").read_bytes()


def test_a_text_model_from_events_builds_on_the_judged_one_and_is_evaluated_on_judgements_too(tmp_path: Path) -> None:
    events = shop_events(PRODUCTS)
    shop = Shop(PRODUCTS, events, judgements())
    facts = train_rankers(shop, SmallRetriever(PRODUCTS), encode, tmp_path, plan=replace(SMALL_PLAN, kinds=()))
    assert facts.trained_on["text"] == "events"
    families = dict(zip(registry.names("text"), registry.families("text"), strict=True))
    used = {families[name] for name in RankModel.load(tmp_path, "text").used}
    assert used >= JUDGED_ONLY, "only judgements teach these"
    assert used >= {"popularity", "own"}, "only events teach these"
    assert {row.task for row in facts.evaluation} >= {"text, judged lists", "text, purchases"}


def graded_apart(fold: int | None = None) -> pl.DataFrame:
    """Every wording of every title with six products of its category, graded at random; queries of `fold` get other grades."""
    draw = np.random.default_rng(5)
    shelves = {str(path): part["product_id"].to_list() for (path,), part in PRODUCTS.group_by("category", maintain_order=True)}
    titles = dict(zip(PRODUCTS["title"], PRODUCTS["category"].to_list(), strict=True))
    rows = []
    for title, path in titles.items():
        for word in ("", "cheap", "new", "best", "big", "sale"):
            query = f"{title} {word}".strip().lower()
            products = draw.permutation(shelves[str(path)])[:6].tolist()
            grades = draw.permutation([0.0, 0.0, 1.0, 1.0, 2.0, 3.0])
            changed = np.where(grades > 0, 4 - grades, 0) if zlib.crc32(query.encode()) % FOLDS == fold else grades
            rows += [(query, product, grade) for product, grade in zip(products, changed.tolist(), strict=True)]
    return pl.DataFrame(rows, schema=judgements().schema, orient="row")


def test_judged_searches_beside_events_have_word_costs_learned_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned_from: list[ExampleSet] = []

    def watched(examples: ExampleSet, *given: Any, **named: Any) -> RankModel:
        learned_from.append(examples)
        return train(examples, *given, **named)

    monkeypatch.setattr(from_events, "train", watched)
    # The meaning is learned fold by fold, too, and the word costs beside it: here every fold learns the same meaning.
    nearness = np.eye(DIMENSION, dtype=np.float32)
    monkeypatch.setattr(judged_examples, "learn_meaning", lambda judged, queries, products: nearness)
    plan = replace(SMALL_PLAN, kinds=())
    for fold in (None, 0):
        shop = Shop(PRODUCTS, shop_events(PRODUCTS), graded_apart(fold))
        train_rankers(shop, SmallRetriever(PRODUCTS), encode, tmp_path / str(fold), plan=plan)
    one, other = (examples for examples in learned_from if examples.kind == "text")
    costs = registry.names("text").index("words_cost_minus_mean")
    assert one.sizes.tolist() == other.sizes.tolist()
    known = [
        np.array_equal(one.matrix[start:stop, costs], other.matrix[start:stop, costs])
        for start, stop in one.bounds
        if not np.array_equal(one.grades[start:stop], other.grades[start:stop])
    ]
    assert len(known) > 10
    assert all(known), "of queries whose grades are others, what is held against words is the same"
    start, stop = one.bounds[0]
    assert not np.array_equal(one.matrix[start:stop, costs], other.matrix[start:stop, costs]), "and nowhere else"
    joined = one.sizes[-len(known) :]
    assert joined.min() > 6, "a search finds more than what was graded"


def test_word_costs_learn_which_words_judges_hold_against_products() -> None:
    """In this shop the file is never relevant, whatever the query."""
    nails = PRODUCTS.filter(pl.col("category").list.last() == "Nails")
    rows = [
        (asked.lower(), product, 0.0 if "File" in title else 3.0)
        for asked in nails["title"].unique(maintain_order=True)
        for product, title in nails.select("product_id", "title").iter_rows()
    ]
    frame = pl.DataFrame(rows, schema=judgements().schema, orient="row")
    lists = Retrieving(SmallRetriever(PRODUCTS), encode, TABLE).retrieve(
        judged_questions(frame, TABLE, 2e9, seed=1)[TRAIN].listed
    )
    costs = learn_word_costs(lists, TABLE)
    numbers = TABLE.vocabulary.numbers
    assert costs.extra[numbers["file"]] < -0.01
    assert costs.extra[numbers["file"]] < costs.extra[numbers["polish"]]
    assert costs.missing[0] == costs.extra[0] == 0.0
    assert costs.extra[numbers["juic"]] == 0.0  # never judged
