"""The order of rows, the distinct texts, and the training plan of a build."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from rich.console import Console

from shelfwise_pipeline.building.build import plan_of
from shelfwise_pipeline.building.rows import in_popularity_order
from shelfwise_pipeline.building.texts import DistinctTexts
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings
from shelfwise_pipeline.training.plan import QUICK, THOROUGH, Plan

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def events(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """(product, type, days ago)"""
    return pl.DataFrame(
        {
            "product_id": [product for product, _, _ in rows],
            "type": [kind for _, kind, _ in rows],
            "timestamp": [NOW - timedelta(days=days) for _, _, days in rows],
        },
        schema={"product_id": pl.String, "type": pl.String, "timestamp": pl.Datetime("us", "UTC")},
    )


PRODUCTS = pl.DataFrame({"product_id": ["a", "b", "c", "d"]})


def test_the_more_popular_product_comes_first_and_ties_go_by_id() -> None:
    ordered = in_popularity_order(PRODUCTS, events(("c", "purchase", 1), ("c", "purchase", 2), ("b", "view", 1)), None)
    assert ordered["product_id"].to_list() == ["c", "b", "a", "d"]


def test_a_purchase_counts_half_after_90_days() -> None:
    ordered = in_popularity_order(PRODUCTS, events(("a", "purchase", 0), ("b", "purchase", 90)), None)
    popularity = dict(ordered.select("product_id", "popularity").iter_rows())
    assert abs(popularity["b"] / popularity["a"] - 0.5) < 1e-6


def test_events_after_the_moment_do_not_count() -> None:
    as_of = NOW - timedelta(days=10)
    past = [("b", "purchase", 20)]
    with_future = events(*past, ("c", "purchase", 10), ("d", "purchase", 1))
    assert in_popularity_order(PRODUCTS, with_future, as_of).equals(in_popularity_order(PRODUCTS, events(*past), as_of))


def test_without_events_rows_go_by_id() -> None:
    ordered = in_popularity_order(PRODUCTS.reverse(), events(), None)
    assert ordered["product_id"].to_list() == ["a", "b", "c", "d"]
    assert ordered["popularity"].to_list() == [0, 0, 0, 0]


def test_only_the_small_demo_shop_uses_the_quick_plan_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps(Console())
    assert plan_of(PipelineSettings(demo="full"), steps) == plan_of(PipelineSettings(demo="none"), steps) == Plan()
    assert not capsys.readouterr().out
    assert plan_of(PipelineSettings(demo="small"), steps) is QUICK
    assert "the rankers learn from a third of the questions" in " ".join(capsys.readouterr().out.split())
    asked_for = plan_of(PipelineSettings(demo="small", tuning_s=60), steps)
    assert (asked_for.behavioral, asked_for.tuning_s) == (THOROUGH.behavioral, 60)


def test_products_of_the_same_title_and_category_share_a_text() -> None:
    products = pl.DataFrame({"title": ["Milk", "Ruby Gel", "Milk"], "category": [["Milk"], ["Nail Care"], ["Milk"]]})
    distinct = DistinctTexts.of(products)
    assert distinct.texts == ["Milk", "Ruby Gel. Nail Care"]
    assert distinct.text_of_row.tolist() == [0, 1, 0]
