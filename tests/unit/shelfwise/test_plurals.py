"""Singular to plural and back."""

import pytest

from shelfwise.plurals import other_numbers, without_number


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
def test_other_numbers_contain_the_singular_or_the_plural(word: str, other: str) -> None:
    assert other in other_numbers(word)


@pytest.mark.parametrize(
    ("word", "another"),
    [
        *(("pan", "panes"), ("barnes", "barn"), ("clothes", "cloth"), ("princess", "princes"), ("gas", "ga")),
        *(("pond", "ponies"), ("carp", "car"), ("princes", "princess")),
    ],
)
def test_other_numbers_do_not_contain_another_word(word: str, another: str) -> None:
    assert another not in other_numbers(word)


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        *(("shirt", "shirts"), ("polish", "polishes"), ("watch", "watches"), ("box", "boxes"), ("glass", "glasses")),
        *(("berry", "berries"), ("fly", "flies"), ("cookie", "cookies"), ("pie", "pies"), ("case", "cases"), ("size", "sizes")),
        *(("tomato", "tomatoes"), ("shoe", "shoes"), ("toe", "toes")),
    ],
)
def test_singular_and_plural_are_equal_without_number(singular: str, plural: str) -> None:
    assert without_number(singular) == without_number(plural)


@pytest.mark.parametrize(
    ("word", "another"),
    [("cap", "capes"), ("barn", "barnes"), ("princess", "princes"), ("gas", "ga"), ("5", "5s"), ("x", "xs")],
)
def test_different_words_differ_without_number(word: str, another: str) -> None:
    assert without_number(word) != without_number(another)


@pytest.mark.parametrize("word", ["glass", "cactus", "tennis", "gas", "galaxy5s"])
def test_a_word_that_is_no_plural_is_unchanged_without_number(word: str) -> None:
    assert without_number(word) == word
