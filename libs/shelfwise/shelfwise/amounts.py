"""The parts of a title that give an amount: a number with a unit of weight, volume, length or count, a pack, a named size.

Other numbers are names: "iPhone 14" and "iPhone 15" are two products, as are "3M tape", "4G router" and "2 in 1 shampoo".
"""

import re

_NUMBER = r"(?>\d+(?:[.,/]\d+){0,3}(?:[ -]\d+/\d+)?)"  # atomic and bounded, so that no title takes long
_UNITS = (
    r"fl\.?\s?oz|oz|ounces?|lbs?|pounds?|mg|mcg|gms?|grams?|kgs?|ml|cl|l|ltr?s?|lit(?:er|re)s?|gal(?:lons?)?|qts?|quarts?|pts?|pints?|"
    r"ct|count|pcs?|pieces?|pk|packs?|pairs?|dozen|rolls?|sheets?|loads?|uses|tablets?|capsules?|cans?|bags?|cups?|doses?|"
    r"sticks?|strips?|pads?|squares?|stems?|kits?|"
    r"in\.|in(?=\s*(?:x\s*\d|[,)/]|$))|inch(?:es)?|ft|feet|cm|mm|yds?|yards?|(?:sq|cu)\.?\s?(?:in|ft)"
)
_SEVERAL = rf"(?:{_NUMBER}\s?(?:x|-|–|to)\s?){{0,3}}"
AMOUNT = re.compile(
    rf"\b(?=\d)(?:{_SEVERAL}{_NUMBER}[\s-]?(?:{_UNITS})(?!\w)\.?(?:\s?x(?=\s?\d))?"
    rf"|{_SEVERAL}(?:\d{{2,}}(?:\.\d+)?|\d+\.\d+|\d\s)\s?g\b"  # not "4G"
    rf"|{_NUMBER}\s?[\"”″])"
    r"|\b(?=[psbc])(?:(?:pack|set|box|case)\s+of\s+\d+|size\s+\w+)\b"
)
"""For text that is folded to lower case."""
