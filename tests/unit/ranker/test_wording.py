"""What the words of a query mean: other spellings, function words and heads."""

import numpy as np
import polars as pl
import pytest

from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.habits import HabitStats
from shelfwise_ranker.heads import heads
from tests.unit.ranker import shelf

TITLES = [
    "Toothpaste 6 oz",
    "Tomato Paste",
    "Cold Sandwich",
    "Nail Polish",
    "Gift Box",
    "Drink for Adults",
    "Red Grapes",
    "Wine",
    "Tooth Paste, Toothpaste",
]
CATALOG = pl.DataFrame(
    {"product_id": TITLES, "title": TITLES, "category": [[f"Shelf {place}"] for place in range(len(TITLES))]}
)


def columns(text: str, known_words: tuple[str, ...] = ()) -> dict[str, dict[str, float]]:
    """Values by feature, then by product."""
    table = build_table(CATALOG, known_words)
    request = FeatureRequest.of(
        "text", text, np.empty(0, np.int32), table.rows(TITLES), {},
        table=table, behavior=BehaviorStats.empty(table), habits=HabitStats.empty(table), now=0.0,
    )  # fmt: skip
    found = registry.matrix(request).T.tolist()
    return {name: dict(zip(TITLES, values, strict=True)) for name, values in zip(registry.names("text"), found, strict=True)}


def test_two_query_words_match_a_title_that_writes_them_as_one() -> None:
    found = columns("tooth paste")
    assert found["query_in_title"]["Toothpaste 6 oz"] == 1.0
    assert found["words_found"]["Toothpaste 6 oz"] == 1.0
    assert found["query_head_in_title"]["Toothpaste 6 oz"] == 1.0
    assert 0 < found["query_in_title"]["Tomato Paste"] < 1


def test_a_title_with_both_spellings_does_not_make_up_for_a_missing_word() -> None:
    found = columns("tooth paste grapes")
    for name in ("query_in_title", "query_in_any"):
        assert found[name]["Tooth Paste, Toothpaste"] == pytest.approx(found[name]["Toothpaste 6 oz"])
        assert found[name]["Tooth Paste, Toothpaste"] < 0.9


def test_no_share_of_title_category_or_brand_exceeds_one_where_two_query_words_are_one_there() -> None:
    written = "Tooth Paste, Toothpaste"
    table = build_table(
        pl.DataFrame(
            {
                "product_id": ["a", "b"],
                "title": [written, "Floss"],
                "brand": ["Toothpaste", None],
                "category": [[written], ["Care"]],
            }
        )
    )
    found = shelf.columns(["a"], text="tooth paste", table=table)
    for name in ("title_in_query", "query_in_leaf", "leaf_in_query", "brand_in_query"):
        assert found[name] == [1.0]


def test_two_query_words_written_as_one_are_no_head_unless_the_second_is() -> None:
    assert columns("tooth paste grapes")["query_head_in_title"]["Toothpaste 6 oz"] == 0.0


def test_one_query_word_matches_a_title_that_writes_it_as_two() -> None:
    assert columns("nailpolish")["query_in_title"]["Nail Polish"] == pytest.approx(1.0)


def test_the_head_of_one_query_word_that_titles_write_as_two_is_the_second() -> None:
    assert shelf.columns(["red", "file"], text="nailpolish")["query_head_in_title"] == [1.0, 0.0]


def test_a_known_word_is_not_taken_for_a_misspelling() -> None:
    assert columns("cola")["query_in_title"]["Cold Sandwich"] > 0
    assert columns("cola", known_words=("cola",))["query_in_title"]["Cold Sandwich"] == 0.0
    assert columns("colas", known_words=("cola",))["query_in_title"]["Cold Sandwich"] == 0.0


def test_function_words_count_next_to_nothing_unless_alone() -> None:
    found = columns("gift for grandma")["query_in_title"]
    assert found["Gift Box"] > 10 * found["Drink for Adults"] > 0
    assert columns("for")["query_in_title"]["Drink for Adults"] == 1.0


def test_heads_match_only_titles_of_the_thing_that_the_query_names() -> None:
    found = columns("red wine")
    assert (found["title_head_in_query"]["Wine"], found["title_head_in_query"]["Red Grapes"]) == (1.0, 0.0)
    assert (found["query_head_in_title"]["Wine"], found["query_head_in_title"]["Red Grapes"]) == (1.0, 0.0)
    assert found["query_head_minus_best"]["Red Grapes"] == -1.0


def test_nothing_rare_missing_is_zero_when_the_rarest_word_is_missing() -> None:
    found = columns("tomato wine")
    assert found["nothing_rare_missing"]["Tomato Paste"] == pytest.approx(0.0)
    assert columns("tomato paste")["nothing_rare_missing"]["Tomato Paste"] == 1.0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Red Grapes, 18 lb", ["grapes"]),
        ("shampoo for dry hair", ["shampoo"]),
        ("Fish Sticks and Portions, 14 oz", ["sticks", "portions"]),
        ("16", []),
        ("", []),
    ],
)
def test_the_heads_of_a_text_are_the_words_that_name_the_thing(text: str, named: list[str]) -> None:
    assert heads(text) == named
