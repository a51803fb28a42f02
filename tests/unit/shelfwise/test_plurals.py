"""Singular to plural and back."""

import pytest

from shelfwise.plurals import other_numbers


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("banana", "bananas"),
        ("bananas", "banana"),
        ("battery", "batteries"),
        ("batteries", "battery"),
        ("tomatoes", "tomato"),
        ("toothbrush", "toothbrushes"),
        ("toothbrushes", "toothbrush"),
        ("mattress", "mattresses"),
        ("mattresses", "mattress"),
    ],
)
def test_the_other_number_is_among_them(word: str, other: str) -> None:
    assert other in other_numbers(word)


@pytest.mark.parametrize(
    ("word", "another"), [("pan", "panes"), ("barnes", "barn"), ("clothes", "cloth"), ("princess", "princes"), ("gas", "ga")]
)
def test_another_word_is_not(word: str, another: str) -> None:
    assert another not in other_numbers(word)
