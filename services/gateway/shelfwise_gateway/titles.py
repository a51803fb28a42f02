"""Keys of titles: two titles name the same product to a shopper if they share a key. Cheap, since no pairs are compared.

    words         ignores case, accents, punctuation, apostrophes, hyphens, spaces and plurals:
                                                "Nail Paint – RED" = "nail paints, red", "Men's T-shirt" = "Mens Tshirts"
    without_size  ignores amounts, too:         "Cola, 6 x 330 ml" = "Cola 1.5 L" = "COLA (12 pack)"

An amount is a number with a unit of weight, volume, length or count, a pack ("pack of 6"), or a size that is called one
("size 42") or ends the title ("Shirt, XL"). Other numbers are names: "iPhone 14" and "iPhone 15" stay two products, as do
"3M tape", "4G router" and "2 in 1 shampoo".

The order of words is ignored, "Men Blue Polo T-shirt" = "Men Polo T-shirt Blue", where it seldom has a meaning: in titles of
three words or more without a number, a second colour, two words such as "milk" and "chocolate", or one such as "on" or "with".
"Chocolate milk" is not "milk chocolate".
"""

import re
import unicodedata
from functools import lru_cache

from shelfwise.amounts import AMOUNT
from shelfwise.plurals import without_number
from shelfwise.words import FUNCTION_WORDS, apart, fold

REMEMBERED = 16_384
"""Titles whose keys are cached, since every answer needs those of the most popular products."""

_MARKS = frozenset({"Mn", "Mc"})


class _Ends(dict[int, int]):
    """For `str.translate`: characters of words stay, all others become a space; filled on demand.

    Marks stay: in many scripts they write vowels and tones, but neither `isalnum` nor a regular expression counts them.
    """

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        inside = letter.isalnum() or letter in "+#%"  # these signs distinguish "C++" from "C#" and "2%" from "2"
        marks = unicodedata.category(letter) in _MARKS and not 0xFE00 <= code <= 0xFE0F  # those select how an emoji is drawn
        self[code] = code if inside or marks else ord(" ")
        return self[code]


_ENDS = _Ends()

_CLOSING_SIZE = re.compile(
    r"[,(/–-]\s*(?:x{0,3}s|m|x{0,3}l|\d?xl|small|medium|(?:x-|extra )?large|jumbo|mini|one size|per lb|small to medium)\)?\s*$"
)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")  # "5'6" is two numbers
_DIGIT = re.compile(r"\d")
_BETWEEN_NUMBERS = re.compile(r" (?=\d)(?<=\d )")
"""The space that must stay: "1 5" is not "15"."""

_COLOURS = frozenset(
    (
        *("black", "white", "grey", "gray", "silver", "gold", "red", "pink", "purple", "violet", "maroon", "blue"),
        *("turquoise", "teal", "green", "olive", "yellow", "orange", "brown", "beige", "cream", "khaki", "tan"),
        *("navy", "ivory", "burgundy", "charcoal", "coral", "rose", "mustard", "lavender", "peach", "indigo", "bronze"),
        *("copper", "lilac", "magenta", "cyan", "mint", "plum", "mauve", "rust", "wine", "nude", "taupe", "fuchsia", "aqua"),
    )
)
_NAVY = frozenset({"navy"})  # "navy blue" is one colour
_STUFFS = frozenset(("milk", "chocolate", "butter", "cheese", "honey", "almond", "peanut", "coconut", "coffee", "tea"))
"""Of two such words, the last one is bought: "chocolate almond milk" is a drink, "milk chocolate almonds" are sweets."""
_BOUND = FUNCTION_WORDS | {"no", "not", "over", "than", "under", "versus", "vs", "without", "male", "female"}
"""The meaning of these words depends on their neighbours: "red on blue", "USB male, HDMI female"."""


@lru_cache(REMEMBERED)
def words(title: str) -> tuple[str, ...]:
    """The title's keys: its words in order and, if their order does not count, sorted as well."""
    return _keys(_plain(title))


@lru_cache(REMEMBERED)
def without_size(title: str) -> tuple[str, ...]:
    """The keys without amounts; a title that is only an amount keeps it."""
    plain = _plain(title)
    return _keys(_CLOSING_SIZE.sub("", AMOUNT.sub(" ", apart(plain)))) or _keys(plain)


def _plain(title: str) -> str:
    """Folded as queries are, with a final "ς" as "σ". A mark that makes another letter stays: "パ" is not "ハ"."""
    return fold(title.casefold())


def _keys(plain: str) -> tuple[str, ...]:
    """The keys of a folded title; empty for a blank text."""
    if "'" in plain or "’" in plain:
        plain = _APOSTROPHE.sub("", plain)
    parts = [without_number(word) if word[-1] in "es" else word for word in plain.translate(_ENDS).split()]
    if not parts:
        rest = plain.strip()
        return (rest,) if rest else ()
    if _DIGIT.search(plain):
        return (_BETWEEN_NUMBERS.sub("_", " ".join(parts)).replace(" ", ""),)
    in_order = "".join(parts)
    colours = _COLOURS.intersection(parts)
    several = len(colours - _NAVY if "blue" in colours else colours) > 1 or len(_STUFFS.intersection(parts)) > 1
    if len(parts) < 3 or several or not _BOUND.isdisjoint(parts):
        return (in_order,)
    return in_order, " ".join(sorted(parts))
