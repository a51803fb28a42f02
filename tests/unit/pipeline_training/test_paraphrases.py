"""Queries that use other words than the titles do."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise_pipeline.examples.lexicon import NEAREST, Lexicon, Words
from shelfwise_pipeline.examples.paraphrases import Paraphraser, same_kind
from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.text import tokens

DIRECTIONS = {"soft drinks": 0, "soda": 0, "cola": 0, "drinks": 0, "hand tools": 1, "hammer": 1, "nail care": 2, "polish": 2}


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """A text of a known direction, or with a word of one, is a unit vector along it; others are at right angles to all."""
    vectors = np.zeros((len(texts), 4), np.float32)
    for row, text in enumerate(texts):
        known = (DIRECTIONS[part] for part in (text.lower(), *text.lower().split()) if part in DIRECTIONS)
        vectors[row, next(known, 3)] = 1.0
    return vectors


def words(*names: str) -> Words:
    return Words(list(names), encode(names))


PRODUCTS = pl.DataFrame(
    {
        "product_id": ["a", "b", "c", "d"],
        "title": ["Cherry Soft Drinks", "Red Grapes", "Plain Soft Drinks", "Chocolate Milk"],
        "category": [["Drinks", "Soft Drinks"], ["Fruit", "Grapes"], ["Drinks", "Soft Drinks"], ["Drinks", "Milk"]],
    }
)
TABLE = build_table(PRODUCTS)


def paraphraser(known: Words, seed: int = 1) -> Paraphraser:
    return Paraphraser(TABLE, PRODUCTS, known, lambda texts: encode(texts), seed)


def test_near_words_exclude_the_words_of_the_phrase() -> None:
    lexicon = Lexicon(words("cola", "drinks", "hammer", "soda"), ["soft drinks"], encode(["soft drinks"]))
    assert sorted(lexicon.near("soft drinks")) == ["cola", "soda"]
    assert lexicon.near("never seen") == []


def test_a_word_belongs_to_its_nearest_phrase_only() -> None:
    hammer = np.array([[0.0, 0.8, 0.6, 0.0]], np.float32)
    lexicon = Lexicon(Words(["hammer"], hammer), ["hand tools", "nail care"], encode(["hand tools", "nail care"]))
    assert (lexicon.near("hand tools"), lexicon.near("nail care")) == (["hammer"], [])


def test_a_word_near_to_every_phrase_belongs_to_none() -> None:
    phrases = [f"phrase {number}" for number in range(50)]
    lexicon = Lexicon(words("recipe"), phrases, encode(phrases))
    assert not any(map(lexicon.near, phrases))


def test_only_the_nearest_words_of_a_phrase_are_kept() -> None:
    names = [f"{letter}word" for letter in "abcdefghijklmnopqrstuvwxyz"]
    lexicon = Lexicon(Words(names, np.tile(encode(["soda"]), (len(names), 1))), ["soft drinks"], encode(["soft drinks"]))
    assert len(lexicon.near("soft drinks")) == NEAREST


def test_queries_use_near_words_and_words_of_other_products() -> None:
    writer = paraphraser(words("soda", "hammer"))
    queries = [query for _ in range(200) if (query := writer.write(0))]
    assert any("soda" in query for query in queries)
    assert any("chocolate" in query or "red" in query for query in queries)
    assert not any("hammer" in query for query in queries)


def test_the_words_of_a_query_are_never_all_in_one_title() -> None:
    writer = paraphraser(Words.none())
    queries = {query for _ in range(300) if (query := writer.write(2))}
    assert queries
    for query in queries:
        asked = set(tokens(query))
        assert not any(asked <= set(tokens(title)) for title in PRODUCTS["title"])


def test_queries_ask_for_amounts_that_only_other_products_have() -> None:
    titles = ["Baby Diapers, 40 ct", "Football, size 4", "Milk, 12 oz", "Baby Wipes"]
    kinds = ["Diapers", "Football", "Milk", "Wipes"]
    ids = [str(number) for number in range(4)]
    products = pl.DataFrame({"product_id": ids, "title": titles, "category": [["All", kind] for kind in kinds]})
    writer = Paraphraser(build_table(products), products, Words.none(), lambda texts: encode(texts), 1)
    queries = {query for _ in range(400) if (query := writer.write(0))}
    assert {"diapers size 4", "size 4 diapers", "diapers 12 oz", "12oz diapers"} <= queries
    assert not any("40" in query for query in queries)


def test_a_word_that_would_mean_another_kind_of_product_is_not_used() -> None:
    def meaning(texts: Sequence[str]) -> NDArray[np.float32]:
        """Whatever has "red" in it is near grapes, everything else is not."""
        return np.array([[float("red" in text or text == "grapes"), 1.0 - ("red" in text), 0, 0] for text in texts], np.float32)

    writer = Paraphraser(TABLE, PRODUCTS, Words(["red"], np.zeros((1, 4), np.float32)), meaning, 1)
    queries = [query for _ in range(200) if (query := writer.write(0))]
    assert any("chocolate" in query for query in queries)
    assert not any("red" in query for query in queries)


def test_the_same_seed_writes_the_same_queries() -> None:
    one, other = paraphraser(words("soda"), 3), paraphraser(words("soda"), 3)
    assert [one.write(row % 4) for row in range(40)] == [other.write(row % 4) for row in range(40)]


def test_same_kind_grades_by_category() -> None:
    rows = np.arange(4, dtype=np.int32)
    assert same_kind(TABLE, 0)(rows).tolist() == [3, 0, 3, 1]


def test_without_categories_same_kind_grades_only_products_with_the_same_text() -> None:
    table = build_table(PRODUCTS.drop("category"))
    assert same_kind(table, 0)(np.arange(4, dtype=np.int32)).tolist() == [3, 0, 0, 0]
