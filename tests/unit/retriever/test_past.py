"""A history by catalog row, and the weights of its products."""

import math

import polars as pl
import pytest

from shelfwise_retriever import frame
from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.past import Past
from tests.support.history import DAY_S, history


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(frame.tidy(pl.DataFrame({"product_id": ["a", "b", "c", "d"], "title": ["A", "B", "C", "D"]})))


@pytest.fixture
def past(catalog: Catalog) -> Past:
    said = history(("d", 1, 0, 0, 2), ("gone", 2, 1, 0, 0), ("b", 30, 2, 0, 0), ("a", 30, 1, 0, 0), ("c", 60, 0, 1, 0))
    return Past.of(said, catalog)


def test_known_products_come_by_row_most_recent_first(past: Past) -> None:
    assert past.rows.tolist() == [3, 1, 0, 2]
    assert past.purchases.tolist() == [0, 2, 1, 0]
    assert past.strength.tolist() == [0.25, 1, 1, 0.5]
    assert len(past) == 4


def test_without_times_of_looks_the_last_event_of_a_viewed_or_carted_product_counts_as_one(catalog: Catalog) -> None:
    said = history(("d", 1, 0, 0, 2), ("b", 30, 2, 0, 0), ("a", 30, 1, 0, 3), ("c", 60, 0, 1, 0))
    looks = Past.of(said.model_copy(update={"last_look_s": [DAY_S, None, 9.0, None]}), catalog).last_look_s
    assert looks.tolist() == pytest.approx([DAY_S, math.nan, 9.0, math.nan], nan_ok=True)
    looks = Past.of(said.model_copy(update={"last_look_s": None}), catalog).last_look_s
    assert looks.tolist() == pytest.approx([DAY_S, math.nan, 30 * DAY_S, 60 * DAY_S], nan_ok=True)


def test_recent_weights_fade_from_moment_to_moment_but_not_within_one(past: Past) -> None:
    assert past.recent(0.5).tolist() == [0.25, 0.5, 0.5, 0.125]


def test_habit_weights_count_purchases_and_their_age(past: Past) -> None:
    half_a_life = 0.5**0.5
    weights = [0.25 * 0.5 ** (1 / 60), 2 * half_a_life, half_a_life, 0.25]
    assert past.habits(power=1, keep=1).tolist() == pytest.approx(weights)
    assert past.habits(power=0.5, keep=1).tolist() == pytest.approx([weight**0.5 for weight in weights])
    assert past.habits(power=1, keep=0.5)[1] == pytest.approx(weights[1] * 0.5)
