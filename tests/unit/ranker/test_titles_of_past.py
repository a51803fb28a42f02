"""A candidate's title, compared with the titles of the shopper's past products."""

import math

import numpy as np
import polars as pl
import pytest

from shelfwise_ranker.cataloging import build_table
from tests.unit.ranker.shelf import PRODUCTS, columns, history_of_shopper, shelf

IDS = ["red", "blue", "file", "wall", "milk"]


def cosine_with_one(product: str, other: str) -> float:
    """The cosine of two titles by the vocabulary's weights, computed the long way."""
    table = shelf()
    worth, title = table.vocabulary.weights, table.spans["title"]
    one, two = (table.tokens[table.rows([name])[0], title] for name in (product, other))
    shared = sum(float(worth[token]) ** 2 for token in one if token in two)
    return shared / math.sqrt(sum(float(worth[token]) ** 2 for token in one) * sum(float(worth[token]) ** 2 for token in two))


def test_a_past_of_one_product_is_compared_by_that_products_title() -> None:
    found = columns(IDS, kind="user", history=history_of_shopper(("purchase", "blue", "ann", 5)))
    expected = [cosine_with_one("blue", name) for name in IDS]
    assert found["past_titles"] == pytest.approx(expected, abs=1e-6)
    assert expected[1] == pytest.approx(1.0)
    assert found["past_titles_minus_mean"] == pytest.approx(np.array(expected) - np.mean(expected), abs=1e-6)
    assert found["past_titles_share_of_max"] == pytest.approx(expected, abs=1e-6)


def test_recent_and_frequent_purchases_weigh_more_in_past_titles() -> None:
    lately = history_of_shopper(("purchase", "wall", "ann", 2), ("purchase", "file", "ann", 300))
    often = history_of_shopper(*[("purchase", "file", "ann", days) for days in (2, 20, 30)], ("purchase", "wall", "ann", 2))
    by_lately = columns(IDS, kind="user", history=lately)["past_titles"]
    by_often = columns(IDS, kind="user", history=often)["past_titles"]
    assert by_lately[3] > by_lately[2] > 0
    assert by_often[2] > by_often[3] > 0


def test_a_past_product_without_words_adds_nothing_and_a_candidate_without_words_is_like_none() -> None:
    table = build_table(PRODUCTS.with_columns(title=pl.Series(["Nail Polish", "!", "Nail File", "Wall Paint", "?", "Milk"])))
    one, both = (
        columns(IDS, kind="user", history=history_of_shopper(*[("view", bought, "ann", 5) for bought in past]), table=table)
        for past in (["red"], ["red", "blue"])
    )
    assert both["past_titles"] == pytest.approx(one["past_titles"])
    assert both["past_titles"][0] == pytest.approx(1.0)
    assert both["past_titles"][4] == 0.0


def test_past_titles_are_nan_for_a_shopper_without_history() -> None:
    assert np.isnan(columns(IDS, kind="user")["past_titles"]).all()


def test_past_titles_are_nan_for_a_candidate_that_the_table_lacks() -> None:
    found = columns(["red", "no such product"], kind="user", history=history_of_shopper(("view", "red", "ann", 1)))
    assert found["past_titles"][0] == pytest.approx(1.0)
    assert math.isnan(found["past_titles"][1])
