"""Titles without amounts: products like "Bananas, 40 lb" are not everything else that weighs 40 lb."""

import re

from shelfwise.amounts import AMOUNT
from shelfwise.words import apart

_AMOUNT = re.compile(AMOUNT.pattern, re.IGNORECASE)


def without_amounts(title: str) -> str:
    """`title` without numbers that have a unit; a title that is only an amount stays.

    Other numbers are names: "iPhone 15".
    """
    rest = _AMOUNT.sub(" ", apart(title))
    return rest if any(letter.isalnum() for letter in rest) else title
