"""Titles without amounts: what is like «Bananas, 40 lb» is not whatever else weighs 40 lb."""

import re

from shelfwise.amounts import AMOUNT
from shelfwise.words import apart

_AMOUNT = re.compile(AMOUNT.pattern, re.IGNORECASE)


def without_amounts(title: str) -> str:
    """`title` without numbers that have a unit; a title that is nothing but an amount stays.

    Other numbers are names: «iPhone 15».
    """
    rest = _AMOUNT.sub(" ", apart(title))
    return rest if any(letter.isalnum() for letter in rest) else title
