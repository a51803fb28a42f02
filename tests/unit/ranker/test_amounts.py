"""Amounts: numbers together with their units."""

import numpy as np
import polars as pl

from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.habits import HabitStats

TITLES = [
    "2 Ton Split AC",
    "1.5 Ton Split AC, 2 Star",
    "1 Ton AC 3 Star",
    "Star Lamp",
    "AC Remote, Pack of 2",
    "Remote Cover",
    "Bucket 5 Litre",
    "Bucket 5L",
    "Bucket 10 L",
    "Soda 12 oz, 12 Cans",
    "Soda 12 oz, 6 Cans",
    "Soda 6 Cans",
    "Phone 4 GB, 64 GB",
    "Phone 4 GB, 32 GB",
    "iPhone 13 Case",
    "Case for iPhone 13",
]
TABLE = build_table(pl.DataFrame({"product_id": TITLES, "title": TITLES}))


def columns(text: str) -> dict[str, tuple[float, float]]:
    """For each product, the share of the query's numbers that it has, and whether it has other numbers instead."""
    request = FeatureRequest.of(
        "text", text, np.empty(0, np.int32), TABLE.rows(TITLES), {},
        table=TABLE, behavior=BehaviorStats.empty(TABLE), habits=HabitStats.empty(TABLE), now=0.0,
    )  # fmt: skip
    found = dict(zip(registry.names("text"), registry.matrix(request).T.tolist(), strict=True))
    return dict(zip(TITLES, zip(found["numbers_matched"], found["numbers_contradicted"], strict=True), strict=True))


def test_words_that_mostly_follow_numbers_are_units() -> None:
    spelled = {TABLE.vocabulary.spelling(number) for number in TABLE.units}
    assert "ton" in spelled
    assert not spelled & {"split", "ac", "remote", "bucket", "13", "case"}


def test_an_amount_matches_only_the_same_number_of_the_same_unit() -> None:
    found = columns("2 ton ac")
    assert found["2 Ton Split AC"] == (1.0, 0.0)
    assert found["1.5 Ton Split AC, 2 Star"] == (0.0, 1.0)
    assert found["1 Ton AC 3 Star"] == (0.0, 1.0)
    assert found["AC Remote, Pack of 2"] == (0.0, 0.0)  # its title says nothing about tons
    assert found["Remote Cover"] == (0.0, 0.0)


def test_a_unit_is_the_same_however_it_is_written() -> None:
    for text in ("5 ltr bucket", "5l bucket", "5 liters bucket"):
        found = columns(text)
        assert found["Bucket 5 Litre"] == found["Bucket 5L"] == (1.0, 0.0)
        assert found["Bucket 10 L"] == (0.0, 1.0)


def test_an_amount_matches_when_another_of_the_same_unit_precedes_it() -> None:
    found = columns("64 gb phone")
    assert found["Phone 4 GB, 64 GB"] == (1.0, 0.0)
    assert found["Phone 4 GB, 32 GB"] == (0.0, 1.0)


def test_one_number_with_two_units_is_two_amounts() -> None:
    found = columns("12 oz 12 cans soda")
    assert found["Soda 12 oz, 12 Cans"] == (1.0, 0.0)
    assert found["Soda 12 oz, 6 Cans"] == (0.5, 1.0)


def test_a_number_before_a_word_that_is_no_unit_matches_anywhere_in_the_title() -> None:
    assert columns("iphone 13 case")["Case for iPhone 13"] == (1.0, 0.0)
