"""Units that are written in several ways."""

import pytest

from shelfwise.units import usual
from shelfwise.words import plain


@pytest.mark.parametrize(
    ("word", "counted"),
    [
        ("litres", "l"),
        ("ltr", "l"),
        ("l", "l"),
        ("watts", "w"),
        ("12watt", "12w"),
        ("12w", "12w"),
        ("64gb", "64gb"),
        ("lamp", "lamp"),
        ("foot", "foot"),
        ("pieces", "pieces"),
    ],
)
def test_a_unit_is_brought_to_its_usual_form(word: str, counted: str) -> None:
    assert usual(word) == counted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12 in. x 3 in. Board", "12 inch x 3 inch board"),
        ("12in. Board", "12inch board"),
        ("12-In. Board", "12-inch board"),
        ("12 in.dia Board, 3 in.", "12 inch.dia board, 3 inch"),
        ("2 in 1", "2 in 1"),
        ("Plug in. Go", "plug in. go"),
    ],
)
def test_an_inch_with_a_period_is_told_from_other_words(text: str, said: str) -> None:
    assert plain(text) == said
