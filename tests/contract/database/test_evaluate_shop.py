"""The evaluation of Shelfwise and its peers on the shop in the database."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psycopg
import pytest
from numpy.typing import NDArray
from rich.console import Console

pytest.importorskip("implicit")
pytest.importorskip("bm25s")
pytest.importorskip("ir_measures")

from benchmarks.catalog import BenchmarkError
from benchmarks.quality.data import shop
from benchmarks.quality.data.judged import part
from benchmarks.quality.data.place import DataPlace, TooLittle
from benchmarks.quality.judging import Against
from benchmarks.quality.leakage import leaks
from benchmarks.quality.ours import Shelfwise
from benchmarks.quality.peers.cooccurrence import Cooccurrence
from benchmarks.quality.peers.popularity import Popularity
from benchmarks.quality.protocol import System
from benchmarks.quality.rankings import RankingStore
from benchmarks.quality.running import Plan, run
from benchmarks.quality.subject import of_public_sets, of_the_shop
from benchmarks.quality.task import Task, TaskSpec
from benchmarks.quality.tasks import own_shop
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.encoder.build import build_fake_encoder
from shelfwise_pipeline.evaluation.rows import OURS
from shelfwise_pipeline.importing import EVENT_COLUMNS, import_events, import_judgements, import_products
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings
from tests.support.postgres import Postgres
from tests.support.ranker import SMALL_PLAN
from tests.unit.benchmarks_quality.worlds import PRODUCTS, START, lines, products

NOWHERE = DataPlace(None)
LATER = START + timedelta(days=149)
QUERIES = [f"{title} shade {shade}" for title in PRODUCTS.values() for shade in range(12)]


def _products() -> pl.DataFrame:
    """24 products that were always there, one that is sold out and one that was added at the very end."""
    two = (
        products()
        .head(2)
        .with_columns(
            product_id=pl.Series(["gone", "late"]), in_stock=pl.Series([False, True]), created_at=pl.Series([None, LATER])
        )
    )
    return pl.concat([products(), two.with_columns(pl.col("created_at").cast(pl.Datetime("us", "UTC")))]).with_columns(
        rating=pl.lit(4.5), rating_count=pl.lit(9, pl.Int32)
    )


def _events() -> pl.DataFrame:
    """Ninety users who view a product of another kind before they buy; the orders of some have no session."""
    bought = lines(users=90)
    alone = pl.col("user_id").str.ends_with("7")
    bought = bought.with_columns(session_id=pl.when(~alone).then("session_id"))
    looked = bought.with_columns(
        event_id=pl.format("look {}", "event_id"),
        type=pl.lit("view"),
        product_id=pl.lit("rope0"),
        timestamp=pl.col("timestamp") - timedelta(minutes=5),
    )
    strange = bought.tail(2).with_columns(event_id=pl.Series(["x", "y"]), product_id=pl.Series(["gone", "late"]))
    return pl.concat([bought, looked, strange]).select(EVENT_COLUMNS.names())


def _judgements() -> pl.DataFrame:
    """Each query means one product; another is judged to be wrong, and one that is sold out to be right."""
    rows = [
        (query, product, grade)
        for query in QUERIES
        for product, grade in ((query.split()[0] + query.split()[2], 3.0), ("gone", 2.0), ("late", 0.0))
    ]
    return pl.DataFrame(rows, schema=["query", "product_id", "grade"], orient="row")


def _letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """[texts, 128]: how often each letter occurs, as a unit vector."""
    counts = np.stack([np.bincount(np.frombuffer(text.encode("ascii"), np.uint8), minlength=128) for text in texts])
    unit: NDArray[np.float32] = (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.fixture(scope="module")
def tasks(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TaskSpec]:
    """The tasks of the shop above, by name."""
    with postgres.temporary(migrated=True) as url:
        with connect(url, autocommit=True) as connection:
            import_products(connection, _products())
            import_events(connection, _events())
            import_judgements(connection, _judgements())
        subject = of_the_shop(_settings(url, tmp_path_factory.mktemp("var")), Steps(Console(quiet=True)))
    return {spec.name: spec for spec in subject.tasks}


def _settings(url: str, var: Path) -> PipelineSettings:
    return PipelineSettings(database_url=url, var=var)


def _ours(task: Task) -> System:
    """Shelfwise itself, trained on little, for the kind of question that is asked only."""
    asked = task.questions[0]
    kinds: tuple[QuestionKind, ...] = ("user",) if asked.user else ("together",) if asked.seeds else ()
    return Shelfwise(build_fake_encoder, replace(SMALL_PLAN, kinds=kinds, train=60, test=20, behavioral=200, windows=2))


@pytest.mark.parametrize("name", own_shop.NAMES)
def test_every_system_answers_for_the_shop_in_the_database(
    tasks: dict[str, TaskSpec], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.quality.peers.minilm.embedded", _letters)
    monkeypatch.setattr("benchmarks.quality.ours.CACHE", tmp_path)
    monkeypatch.setattr(own_shop, "LEAST", 10)
    section = run(tasks[name], Plan(NOWHERE, RankingStore(tmp_path / "rankings"), _ours), lambda _: None)
    assert section.skipped is None
    main = {row.system: row for row in section.rows if row.metric == "ndcg@10"}
    peers = {peer.name for peer in tasks[name].load(NOWHERE).peers}
    assert set(main) == {OURS, *peers}
    assert {"random", "MiniLM (sentence-transformers)"} < peers
    assert any(peer.startswith("rank fusion") for peer in peers)
    assert all(row.n >= own_shop.LEAST and row.low <= row.value <= row.high for row in main.values())
    assert all((row.difference is None) == (system == OURS) for system, row in main.items())
    assert main[OURS].value > main["random"].value


def test_the_last_tenth_of_purchases_is_hidden_and_its_baskets_are_the_answers(tasks: dict[str, TaskSpec]) -> None:
    spec = tasks["shop-for-you"]
    task = spec.load(NOWHERE)
    assert spec.frozen_at is not None
    assert task.known.moment == spec.frozen_at
    known, bought = task.known.events, lines(users=90)
    assert set(known["type"]) == {"view", "purchase"}
    assert known["timestamp"].max() < spec.frozen_at  # type: ignore[operator]
    assert 0.85 < task.known.purchases().height / bought.height < 0.95
    later = bought.filter(pl.col("timestamp") >= spec.frozen_at)
    assert isinstance(task.judge, Against)
    for question in task.questions:
        own = later.filter(pl.col("user_id") == question.user)
        first = own.filter(pl.col("timestamp") == own["timestamp"].min())
        baskets = [set(products) for products in first.group_by("session_id").agg("product_id")["product_id"]]
        right = set(task.judge.gains[question.id])
        assert right in baskets or right == set(first["product_id"]), "what they bought, not what they looked at"


@pytest.mark.parametrize("name", [own_shop.FOR_YOU, own_shop.FOR_YOU_NEW, own_shop.TOGETHER])
def test_shuffling_the_hidden_purchases_changes_neither_knowledge_nor_answers(
    tasks: dict[str, TaskSpec], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_shop, "LEAST", 5)
    assert leaks(tasks[name], tasks[name].read(NOWHERE), lambda _: [Popularity(30), Cooccurrence(weighted=True)]) == []


def test_later_products_are_unknown_before_and_sold_out_ones_are_left_out(tasks: dict[str, TaskSpec]) -> None:
    known = tasks["shop-for-you"].load(NOWHERE).known.products
    assert set(known["product_id"]) == set(PRODUCTS)
    assert known["rating"].is_null().all()
    today = tasks["shop-search"].load(NOWHERE).known.products
    assert set(today["product_id"]) == {*PRODUCTS, "late"}


def test_orders_without_a_session_are_baskets_too(tasks: dict[str, TaskSpec]) -> None:
    task = tasks["shop-together"].load(NOWHERE)
    assert isinstance(task.judge, Against)
    baskets = [question.id for question in task.questions]
    assert any(re.fullmatch(r"user\d*7 \d+", basket) for basket in baskets)
    assert any("/" in basket for basket in baskets)
    for question in task.questions:
        assert not set(question.seeds) & set(task.judge.gains[question.id])


def test_held_out_queries_are_not_among_the_known_judgements(tasks: dict[str, TaskSpec]) -> None:
    task = tasks["shop-search"].load(NOWHERE)
    asked = {question.text for question in task.questions}
    assert asked == {query for query in QUERIES if part(query) == "test"}
    assert not asked & set(task.known.judgements["query"])
    assert set(task.known.judgements["grade"]) == {0.0, 3.0}


def test_the_number_of_questions_is_limited_and_their_choice_is_reproducible(
    tasks: dict[str, TaskSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [question.id for question in tasks["shop-together"].load(NOWHERE).questions]
    monkeypatch.setattr(own_shop, "MOST", own_shop.LEAST)
    some = [question.id for question in tasks["shop-together"].load(NOWHERE).questions]
    assert len(some) == own_shop.LEAST < len(every)
    assert some == [question.id for question in tasks["shop-together"].load(NOWHERE).questions]
    assert [one for one in every if one in some] == some


def test_a_shop_with_too_little_data_is_told_what_it_lacks(
    connection: psycopg.Connection[Any], database: str, tmp_path: Path
) -> None:
    steps, settings = Steps(Console(quiet=True)), _settings(database, tmp_path)
    with pytest.raises(BenchmarkError, match="expected products in stock in the database, found none"):
        of_the_shop(settings, steps)
    import_products(connection, _products())
    import_events(connection, _events().head(40))
    import_judgements(connection, _judgements().head(3))
    told: list[str] = []
    sections = [
        run(spec, Plan(NOWHERE, RankingStore(tmp_path), _ours), told.append) for spec in of_the_shop(settings, steps).tasks
    ]
    reasons = [section.skipped or "" for section in sections]
    assert all("expected at least 1000 purchases over at least 14 days" in reason for reason in reasons[:3])
    assert all("found 40 over" in reason for reason in reasons[:3])
    assert "expected 30 or more judged queries held out with a relevant product" in reasons[3]
    assert "of 1 are held out), found 0" in reasons[3]


def test_too_few_users_with_a_question_raise_too_little(tasks: dict[str, TaskSpec], monkeypatch: pytest.MonkeyPatch) -> None:
    found = len(tasks["shop-for-you"].load(NOWHERE).questions)
    monkeypatch.setattr(own_shop, "LEAST", found + 1)
    with pytest.raises(TooLittle, match=f"expected {found + 1} or more users .*, found {found}"):
        tasks["shop-for-you"].load(NOWHERE)


def test_tasks_are_chosen_by_name_among_those_of_the_subject(tasks: dict[str, TaskSpec]) -> None:
    subject = replace(of_public_sets(), tasks=list(tasks.values()))
    assert [spec.name for spec in subject.chosen([])] == list(own_shop.NAMES)
    assert [spec.name for spec in subject.chosen(["shop-search"])] == ["shop-search"]
    with pytest.raises(BenchmarkError, match="found home-depot-typo"):
        subject.chosen(["shop-search", "home-depot-typo"])


def test_a_product_sold_before_its_creation_date_was_known_then() -> None:
    moment = START + timedelta(days=50)
    again = products().with_columns(created_at=pl.lit(LATER))
    past = lines(users=6).filter(pl.col("timestamp") < moment)
    known = shop.catalog(again, past, moment)
    assert set(known["product_id"]) == set(past["product_id"])
    assert (known["created_at"] < moment).all()
