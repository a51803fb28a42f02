"""Singular to plural and back."""

import pytest

from shelfwise_retriever.plurals import other_numbers


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
    ],
)
def test_the_other_number_is_among_them(word: str, other: str) -> None:
    assert other in other_numbers(word)
