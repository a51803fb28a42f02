"""The protocols, on small data of the same shape."""

import random
from datetime import timedelta

import polars as pl
import pytest

pytest.importorskip("implicit")
pytest.importorskip("bm25s")
pytest.importorskip("ir_measures")

from benchmarks.quality.data import canonical, instacart, online_retail
from benchmarks.quality.data.judged import part
from benchmarks.quality.judging import NDCG_10, Against
from benchmarks.quality.protocol import empty_products
from benchmarks.quality.task import Dataset, Task
from benchmarks.quality.tasks import home_depot_rerank, home_depot_typo, myntra_nail_paints, online_retail_together
from benchmarks.quality.tasks.moments import utc
from benchmarks.quality.tasks.next_basket import Times, next_basket
from benchmarks.quality.tasks.registry import TASKS
from benchmarks.quality.tasks.typos import misspelt, words
from tests.unit.benchmarks_quality.worlds import FROZEN_AT, lines, products

TIMES = Times(FROZEN_AT - timedelta(days=60), FROZEN_AT - timedelta(days=30), FROZEN_AT)


def _for_you(*, new_only: bool) -> Task:
    return next_basket(lines(), products(), TIMES, {"ndcg@10": NDCG_10}, [], new_only=new_only)


def _right(task: Task, question: str) -> set[str]:
    assert isinstance(task.judge, Against)
    return set(task.judge.gains[question])


def test_the_answer_is_the_first_basket_after_the_moment() -> None:
    task, bought = _for_you(new_only=False), lines()
    assert len(task.questions) > 20
    for question in task.questions:
        later = bought.filter(pl.col("user_id") == question.user, pl.col("timestamp") >= FROZEN_AT)
        basket = later.filter(pl.col("session_id") == later["session_id"][0])
        assert _right(task, question.id) == set(basket["product_id"])
        assert question.asked_at == basket["timestamp"][0], "asked when it is bought"
        assert not question.exclude


def test_events_from_the_moment_on_are_not_known() -> None:
    known = _for_you(new_only=False).known
    assert known.events["timestamp"].max() < FROZEN_AT  # type: ignore[operator]
    assert known.moment == FROZEN_AT
    assert known.events.height == lines().filter(pl.col("timestamp") < FROZEN_AT).height


def test_new_only_excludes_earlier_purchases_from_answers() -> None:
    task, bought = _for_you(new_only=True), lines()
    assert 0 < len(task.questions) < len(_for_you(new_only=False).questions)
    for question in task.questions:
        before = set(bought.filter(pl.col("user_id") == question.user, pl.col("timestamp") < FROZEN_AT)["product_id"])
        assert question.exclude == before
        assert _right(task, question.id)
        assert not _right(task, question.id) & before


def _invoices() -> pl.DataFrame:
    at = pl.Series(
        ["2011-09-01 10:00", "2011-09-01 10:00", "2011-09-02 10:00", "2011-10-03 09:00"]
        + ["2011-10-03 09:00"] * 3
        + ["2011-10-04 09:00"] * 2
    )
    return pl.DataFrame(
        {
            "InvoiceNo": ["1", "1", "C2", "3", "3", "3", "3", "4", "4"],
            "StockCode": ["11111", "22222A", "11111", "22222A", "POST", "11111", "22222A", "33333", "11111"],
            "Description": ["TEA POT ", "ROPE", "TEA POT", "ROPE?", "POSTAGE", "TEA POT", "ROPE", "PAINT", "TEA POT"],
            "Quantity": [1, 2, -1, 3, 1, 1, 4, 1, 1],
            "InvoiceDate": at.str.to_datetime(),
            "UnitPrice": [2.0, 1.0, 2.0, 1.0, 5.0, 2.0, 1.0, 1.0, 2.0],
            "CustomerID": pl.Series([7, 7, 7, 7, 7, 7, 7, None, None], dtype=pl.Int32),
            "Country": ["UK"] * 9,
        }
    )


def test_cleaned_invoices_lack_returns_postage_and_unknown_customers() -> None:
    cleaned = online_retail.cleaned(_invoices())
    assert cleaned.select("session_id", "product_id", "quantity", "position").rows() == [
        ("1", "11111", 1, 1), ("1", "22222A", 2, 2), ("3", "22222A", 7, 1), ("3", "11111", 1, 2),
    ]  # fmt: skip
    catalog = online_retail.catalog(cleaned)
    assert catalog.select("product_id", "title", "price").rows() == [("11111", "Tea Pot", 2.0), ("22222A", "Rope", 1.0)]


def test_the_first_line_of_an_invoice_is_the_seed_and_the_rest_the_answer() -> None:
    data = Dataset(empty_products(), online_retail.cleaned(_invoices()), canonical.NO_JUDGEMENTS)
    task = online_retail_together.build(data)
    [question] = task.questions
    assert (question.id, question.seeds) == ("3", ("22222A",))
    assert _right(task, "3") == {"11111"}
    assert task.buyers == {"3": "7"}


def test_orders_are_dated_backwards_from_the_last() -> None:
    raw = pl.DataFrame(
        {
            "order_id": [10, 10, 11, 12, 20, 30],
            "user_id": [1, 1, 1, 1, 2, 3],
            "order_number": [1, 1, 2, 3, 1, 1],
            "order_hour_of_day": [8] * 6,
            "days_since_prior_order": [None, None, 7.0, 0.0, None, None],
            "product_id": ["a", "b", "a", "c", "a", "z"],
            "add_to_cart_order": [1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
        }
    )
    found = instacart.dated(raw)
    last = instacart.LAST_ORDER
    assert found.select("session_id", "product_id", "timestamp").rows() == [
        ("10", "a", last - timedelta(days=7)),
        ("10", "b", last - timedelta(days=7)),
        ("11", "a", last - timedelta(minutes=1)),
        ("12", "c", last),
        ("20", "a", last),
    ]


IRRELEVANT = next(query for number in range(300) if part(query := f"query {number}") == "test")


def _judged() -> Dataset:
    """300 queries with two judged titles each; nothing is relevant to one of those held out."""
    queries = [f"query {number}" for number in range(300)]
    frame = pl.DataFrame(
        {
            "query": [query for query in queries for _ in range(2)],
            "product_id": ["a", "b"] * 300,
            "relevance": [1.0 if query == IRRELEVANT else grade for query in queries for grade in (3.0, 1.67)],
        }
    )
    catalog = canonical.products(pl.DataFrame({"product_id": ["a", "b"], "title": ["query one", "number two"]}))
    return Dataset(catalog, canonical.NO_LINES, frame)


def test_held_out_queries_are_a_small_share_that_is_not_learned_from() -> None:
    data = _judged()
    task = home_depot_rerank.build(data)
    asked = {question.text for question in task.questions}
    learned = task.known.judgements
    assert 0.10 < len(asked) / 300 < 0.20
    assert not asked & set(learned["query"])
    assert set(learned["part"]) == {"train", "validation"}
    assert learned["grade"].unique().sort().to_list() == pytest.approx([0.67, 2.0])
    assert all(question.candidates == ("a", "b") for question in task.questions)
    assert IRRELEVANT not in asked


def test_a_typo_edits_one_word_and_makes_no_other_word_of_the_catalog() -> None:
    vocabulary = {"oak", "door", "handle", "brass", "handles"}
    pairs = home_depot_typo.misspelt_queries(["brass door handle", "oak 12", "unknown words"], vocabulary, seed=1)
    [(clean, changed)] = pairs
    assert clean == "brass door handle"
    different = [(a, b) for a, b in zip(words(clean), words(changed), strict=True) if a != b]
    [(before, after)] = different
    assert after not in vocabulary
    assert abs(len(before) - len(after)) <= 1


def test_typos_are_the_same_with_the_same_seed_and_differ_between_queries() -> None:
    queries = [f"handle {number}" for number in range(50)]
    vocabulary = {"handle", *map(str, range(50))}
    first = home_depot_typo.misspelt_queries(queries, vocabulary, seed=5)
    assert first == home_depot_typo.misspelt_queries(list(reversed(queries)), vocabulary, seed=5)
    assert len({changed.split()[0] for _, changed in first}) > 15


def test_a_query_without_a_long_word_gets_no_typo() -> None:
    assert misspelt("3 in pvc 12345", set(), random.Random(0)) is None


def test_nail_polish_is_relevant_by_its_narrowest_category() -> None:
    path = [["Personal Care", "Nails", "Nail Polish"], ["Personal Care", "Lips", "Lipstick"]]
    frame = pl.DataFrame({"product_id": ["1", "2"], "title": ["Lakme Red", "Nail Polish Red Lipstick"], "category": path})
    task = myntra_nail_paints.build(Dataset(canonical.products(frame), canonical.NO_LINES, canonical.NO_JUDGEMENTS))
    assert _right(task, "nail paints") == {"1"}
    assert task.known.events.is_empty()


def test_tasks_have_unique_names_and_frozen_ones_a_moment() -> None:
    assert len({spec.name for spec in TASKS}) == len(TASKS) == 10
    frozen = {spec.name: spec.frozen_at for spec in TASKS if spec.frozen_at}
    assert frozen["online-retail-for-you"] == utc(2011, 10, 1)
    assert frozen["completejourney-for-you"] == utc(2017, 12, 1)
    assert len(frozen) == 5
