"""Units of measure that are written in several ways: "litres", "ltr" and "l" are one word in a search.

"foot" is not among them, because a cream is for it, too, nor is "piece", because a "pc" may be a computer.
The parts of a title that give an amount, so that its sizes are variants, are in `amounts`: watts and volts are not among those.
"""

import re

_WAYS = {
    "cm": "cms centimeter centimeters centimetre centimetres",
    "ft": "feet",
    "g": "gm gms gram grams",
    "gal": "gals gallon gallons",
    "hour": "hours hr hrs",
    "inch": "inches",
    "kg": "kgs kilo kilos kilogram kilograms",
    "l": "liter liters litre litres ltr ltrs",
    "lb": "lbs pound pounds",
    "mg": "milligram milligrams",
    "ml": "milliliter milliliters millilitre millilitres",
    "mm": "millimeter millimeters millimetre millimetres",
    "oz": "ounce ounces",
    "pack": "packs pk",
    "pc": "pcs",
    "pt": "pint pints",
    "qt": "quart quarts",
    "v": "volt volts",
    "w": "watt watts",
    "yd": "yds yard yards",
    "year": "years yr yrs",
}
_USUAL = {way: unit for unit, ways in _WAYS.items() for way in ways.split()}

NUMBER_AND_LETTERS = re.compile(r"(\d+)([^\W\d_]+)")
"""A number and letters in one word: "64gb"."""


def usual(word: str) -> str:
    """The usual form of a plain word: "l" for "litres", "12w" for "12watts"; a word that is no unit stays as it is."""
    if apart := NUMBER_AND_LETTERS.fullmatch(word):
        return apart[1] + _USUAL.get(apart[2], apart[2])
    return _USUAL.get(word, word)
