"""From texts to words and tokens."""

import tracemalloc

import pytest

from shelfwise_ranker.text import tokens, told, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nail Paints", ["nail", "paint"]),
        ("16oz", ["16", "oz"]),
        ("2.50 L", ["2.5", "l"]),
        ("Men's Shampoos", ["men", "shampoo"]),
        ("Crème Brûlée", ["creme", "brule"]),
        ("Straße", ["strass"]),
        ("L'Oréal", ["loreal", "oreal"]),
        ("5'6", ["5", "6"]),
        ("AA-4 pack/box", ["aa", "4", "pack", "box"]),
        ("!!", []),
    ],
)
def test_a_text_is_split_into_normalized_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_words_of_other_scripts_with_spaces_stay_whole() -> None:
    assert words("नेल paint 한국어2개") == ["नेल", "paint", "한국어", "2", "개"]


def test_scripts_without_spaces_are_split_into_pairs_of_characters() -> None:
    assert words("指甲油 paint") == ["指甲", "甲油", "paint"]


def test_equal_numbers_written_differently_are_one_token() -> None:
    assert tokens("2.50") == tokens("2.5") == tokens("2,5") == tokens("02.5")


def test_thousands_separators_are_not_decimal_commas() -> None:
    assert tokens("1,000 ct") == tokens("1000 ct") != tokens("1 ct")
    assert tokens("1,000,000") == ["1000000"]
    assert tokens("1,234.50") == ["1234.5"]
    assert tokens("0,125 2,5 12,34 1234,567") == ["0.125", "2.5", "12.34", "1234.567"]


def test_long_words_are_not_kept_in_memory() -> None:
    """A shopper may type a word of 500 letters, and each of its prefixes and suffixes is looked up as a word."""
    tokens("warm up")
    tracemalloc.start()
    for cut in range(100, 400):
        tokens("x" * cut)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 20_000  # 300 words of 250 letters would take 75,000
    assert tokens("n" * 400 + "ings") == ["n" * 400 + "ing"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("コーヒー豆200g", "コーヒー豆 200 g"),
        ("T恤 红色", "t恤 红色"),
        ("紅茶 茶碗", "紅茶 茶碗"),
        ("nail polish", "nail polish"),
    ],
)
def test_pairs_of_characters_are_joined_again_as_in_the_original_text(text: str, read: str) -> None:
    assert told(words(text), text) == read
