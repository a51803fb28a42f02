"""Which values count as the same."""

import sys
import unicodedata

import pytest

from shelfwise.values import folded
from shelfwise.words import APOSTROPHES


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul", "istanbul"),
        ("İstanbul", "ISTANBUL"),
        ("ışık", "IŞIK"),
        ("Straße", "STRASSE"),
        ("Ａｃｍｅ　１２", "acme 12"),
        ("Cafe\u0301", "CAFÉ"),
        ("ｶﾞﾑ", "ガム"),
        ("37℃", "37°C"),
        ("Own\u00a0Brand", " own  brand\t"),
        ("Own\u2009Brand", "own brand"),
        ("T\u2011Shirt", "t-shirt"),
        ("Knäcke\u00adbrot", "knäckebrot"),
        ("\ufeffKnäckebrot", "knäckebrot"),
        *((f"Côte d{apostrophe}Or", "côte d'or") for apostrophe in APOSTROPHES),
    ],
)
def test_values_that_are_written_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Côte", "Cote"), ("Bär", "Bar"), ("Red & Blue", "Red Blue"), ("Own Brand", "OwnBrand"), ("パン", "バン")],
)
def test_values_that_differ(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_every_character_in_any_case_and_form() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character) in {"Cn", "Co", "Cs", "Lo"} and unicodedata.is_normalized("NFKD", character):
            continue  # without case or other forms
        form = folded(character)
        assert form == folded(form) == folded(character.upper()) == folded(character.lower())
        if "´" not in (character, unicodedata.normalize("NFC", character)):  # an apostrophe here, an accent to NFKC
            assert form == folded(unicodedata.normalize("NFKD", character)) == folded(unicodedata.normalize("NFC", character))
