"""Text features: coverage, phrases, sizes and characters."""

import math
from itertools import product

import numpy as np
import polars as pl
import pytest

from shelfwise_ranker.cataloging import build_table
from shelfwise_ranker.vocabulary import Vocabulary
from tests.unit.ranker.shelf import PRODUCTS, columns, shelf


def weight(word: str) -> float:
    vocabulary = shelf().vocabulary
    return float(vocabulary.weights[vocabulary.numbers[word]])


def test_the_weight_of_a_word_is_the_square_root_of_its_idf() -> None:
    assert weight("nail") == pytest.approx(math.sqrt(math.log1p(6 / 3)))
    assert weight("crimson") == pytest.approx(math.sqrt(math.log1p(6 / 1)))


def test_the_weight_of_a_very_rare_word_is_that_of_an_unknown_word() -> None:
    vocabulary = Vocabulary(["rare", "rarest"], ["rare", "rarest"], [100, 1], 100_000)
    assert vocabulary.weights[1] == vocabulary.weights[2] == pytest.approx(vocabulary.unknown_weight)


def test_coverage_is_weighted_by_idf() -> None:
    found = columns(["red", "file", "wall"], text="nail polish")
    nail, polish, file = weight("nail"), weight("polish"), weight("file")
    assert found["query_in_title"] == pytest.approx([1.0, nail / (nail + polish), 0.0])
    assert found["title_in_query"][1] == pytest.approx(nail / (nail + file))
    assert found["query_in_leaf"][0] == pytest.approx(nail / (nail + polish))  # the leaf is "Nails"
    assert found["leaf_in_query"] == pytest.approx([1.0, 1.0, 0.0])


def test_query_in_any_counts_attributes_brand_and_parent_categories_too() -> None:
    found = columns(["red", "blue"], text="crimson polish from Glow beauty")
    assert found["query_in_any"][0] > found["query_in_any"][1] > found["query_in_title"][1]


def test_a_word_in_title_and_category_counts_once() -> None:
    assert columns(["milk"], text="milk")["query_in_any"] == pytest.approx([1.0])


def test_brand_in_query_is_the_share_of_the_brand_that_the_query_names() -> None:
    assert columns(["milk", "red"], text="dairy farm milk")["brand_in_query"] == pytest.approx([1.0, 0.0])
    assert 0 < columns(["milk"], text="farm milk")["brand_in_query"][0] < 1


def test_coverage_is_compared_with_the_mean_of_the_candidates() -> None:
    found = columns(["red", "wall"], text="nail")
    assert found["query_in_title_minus_mean"] == pytest.approx([0.5, -0.5])


def test_a_misspelt_word_counts_for_the_word_it_resembles() -> None:
    found = columns(["choc", "wall"], text="choclate")
    assert 0.5 < found["query_in_title"][0] < 1.0
    assert found["query_in_title"][1] == 0.0


def test_a_single_cjk_character_matches_the_words_that_contain_it() -> None:
    table = build_table(PRODUCTS.with_columns(title=pl.Series(["森永緑茶", "茶碗", "コーヒー", "靴", "紅 茶", "米"])))
    assert columns(["red", "blue", "file"], text="碗", table=table)["query_in_title"] == [0.0, 1.0, 0.0]


def test_a_phrase_is_adjacent_words_in_the_order_of_the_query() -> None:
    assert columns(["red", "choc"], text="nail polish")["phrase"] == [1.0, 0.0]
    assert columns(["red"], text="polish nail")["phrase"] == [0.0]
    assert math.isnan(columns(["red"], text="nail")["phrase"][0])


def test_a_phrase_is_found_in_no_title_that_lacks_it() -> None:
    titles = ["Laundry Detergent Refill", "Liquid Soap", "Pan 9", "Lid"]
    table = build_table(pl.DataFrame({"product_id": titles, "title": titles}))
    known = [word for title in titles for word in title.split()]
    for pair in product(known, known):
        text = " ".join(pair)
        assert columns(titles, text=text, table=table)["phrase"] == [float(text in title) for title in titles]


def test_a_word_beside_one_that_no_product_has_is_no_phrase() -> None:
    assert np.isnan(columns(["red", "file"], text="file zzz")["phrase"]).all()


def test_sizes_match_contradict_or_are_not_named() -> None:
    found = columns(["wall", "blue", "red"], text="16 oz")
    assert found["numbers_matched"] == [1.0, 0.0, 0.0]
    assert found["numbers_contradicted"] == [0.0, 1.0, 0.0]
    assert math.isnan(columns(["wall"], text="paint")["numbers_matched"][0])
    assert columns(["choc"], text="milk 2.5l")["numbers_matched"] == [1.0]


def test_character_similarity_does_not_depend_on_the_order_of_words() -> None:
    found = columns(["red", "wall"], text="red nail polish")
    assert found["characters_alike"][0] == pytest.approx(1.0)
    assert found["query_characters_in_title"][0] == pytest.approx(1.0)
    assert found["characters_alike_minus_mean"][0] == pytest.approx(-found["characters_alike_minus_mean"][1])


def test_a_character_or_none_is_compared_with_titles_of_any_length() -> None:
    table = build_table(PRODUCTS.with_columns(title=pl.Series(["9", "", "9 8", "a", "b", "c"])))
    found = columns(["red", "blue", "file"], text="9", table=table)
    assert found["query_characters_in_title"] == [1.0, 0.0, 1.0]
    assert found["characters_alike"] == [1.0, 0.0, 0.5]
    nothing = columns(["red", "blue"], text="!", table=table)
    assert nothing["query_characters_in_title"] == nothing["characters_alike"] == [0.0, 0.0]


def test_an_unknown_product_has_nan_text_features_and_moves_no_mean() -> None:
    alone = columns(["red", "wall"], text="nail polish")
    found = columns(["red", "wall", "new"], text="nail polish")
    for name in ("query_in_title", "query_in_any", "title_in_query", "phrase", "characters_alike", "brand_in_query"):
        assert math.isnan(found[name][2])
    for name in ("query_in_title_minus_mean", "characters_alike_minus_mean"):
        np.testing.assert_allclose(found[name][:2], alone[name], rtol=1e-6)


def test_a_product_question_matches_the_titles_of_its_seeds() -> None:
    found = columns(["blue", "wall"], seeds=["red"])
    assert found["query_in_title"][0] > found["query_in_title"][1] == 0.0


def test_the_heads_of_a_product_question_are_those_of_its_seeds_and_an_unknown_seed_adds_none() -> None:
    found = columns(["milk", "red", "file"], seeds=["file", "gone", "red"])
    assert found["query_head_in_title"] == [0.0, 1.0, 1.0]
    np.testing.assert_equal(found, columns(["milk", "red", "file"], seeds=["file", "red"]))  # NaN counts as equal


@pytest.mark.parametrize("text", ["", "!!", "qqqqqq", "12345678"])
def test_a_text_without_known_words_matches_no_title(text: str) -> None:
    found = columns(["red", "wall"], text=text)
    assert all(value == 0.0 or math.isnan(value) for value in found["query_in_title"])


def test_word_positions_are_counted_from_the_end_of_the_title() -> None:
    found = columns(["red", "blue", "wall"], text="nail polish")
    # "Nail Polish Red": 2 and 1 words follow; "Nail Polish Blue 2 oz": 4 and 3; "Wall Paint 16 oz" has neither: 4.
    assert found["words_from_end"] == pytest.approx([1.5, 3.5, 4.0])
    assert found["share_from_end"] == pytest.approx([1.5 / 3, 3.5 / 5, 1.0])
    assert found["last_from_end"] == pytest.approx([1.0, 3.0, 4.0])
    assert found["words_from_end_minus_mean"] == pytest.approx([-1.5, 0.5, 1.0])
    assert np.isnan(columns(["red"], text="zzz")["words_from_end"]).all()


def test_lengths_of_query_and_title_are_numbers_of_distinct_words() -> None:
    found = columns(["red", "blue"], text="nail polish for nail")
    assert found["query_words"] == [3.0, 3.0]
    assert found["title_words"] == [3.0, 5.0]
    assert found["title_words_minus_mean"] == [-1.0, 1.0]
