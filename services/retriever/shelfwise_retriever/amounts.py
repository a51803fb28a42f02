"""Titles without amounts: what is like «Bananas, 40 lb» is not whatever else weighs 40 lb."""

import re

_NUMBER = r"(?>\d+(?:[.,/]\d+){0,3})"  # atomic and bounded, so that no title takes long
_UNITS = (
    r"fl\.?\s?oz|oz|ounces?|lbs?|pounds?|mg|kgs?|g|grams?|ml|cl|l|ltr|lit(?:er|re)s?|gal(?:lons?)?|qts?|quarts?|pts?|pints?|"
    r"ct|count|pcs?|pieces?|pk|packs?|pairs?|rolls?|sheets?|inch(?:es)?|ft|feet|cm|mm|yds?|yards?"
)
_AMOUNT = re.compile(rf"(?<!\w)(?:{_NUMBER}\s?x\s?)?{_NUMBER}[\s-]?(?:{_UNITS})(?!\w)", re.IGNORECASE)


def without_amounts(title: str) -> str:
    """`title` without numbers that have a unit; a title that is nothing but an amount stays.

    Other numbers are names: «iPhone 15».
    """
    rest = _AMOUNT.sub(" ", title)
    return rest if any(letter.isalnum() for letter in rest) else title
