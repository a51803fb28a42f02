"""When two titles name the same product to a shopper: when they share a key. Cheap: no comparison of pairs.

    words         case, accents, punctuation, apostrophes, hyphens and spaces do not count, nor whether a word is a plural:
                                                "Nail Paint – RED" = "nail paints, red", "Men's T-shirt" = "Mens Tshirts"
    without_size  amounts do not count either:  "Cola, 6 x 330 ml" = "Cola 1.5 L" = "COLA (12 pack)"

An amount is a number with a unit of weight, volume, length or count, a pack ("pack of 6"), a size that is said to be one
("size 42") or that closes the title ("Shirt, XL"). Other numbers are names: "iPhone 14" and "iPhone 15" stay two products,
as do "3M tape", "4G router" and "2 in 1 shampoo".

Nor does the order of words count, "Men Blue Polo T-shirt" = "Men Polo T-shirt Blue", where it seldom says anything: in titles
of three words or more without a number, a second colour, two such as "milk" and "chocolate", or one such as "on" or "with".
"Chocolate milk" is no "milk chocolate".
"""

import re
import unicodedata
from functools import lru_cache

from shelfwise.amounts import AMOUNT
from shelfwise.plurals import without_number
from shelfwise.words import FUNCTION_WORDS, apart, fold

REMEMBERED = 16_384
"""Titles whose keys are kept: of the most popular products they are asked for with every answer."""

_MARKS = frozenset({"Mn", "Mc"})


class _Ends(dict[int, int]):
    """For `str.translate`: characters of words stay, all others become a space; filled as they are met.

    Marks are kept: in many scripts they write the vowels and tones, and neither `isalnum` nor a regular expression counts them.
    """

    def __missing__(self, code: int) -> int:
        letter = chr(code)
        inside = letter.isalnum() or letter in "+#%"  # the signs tell «C++» from «C#» and «2%» from «2»
        marks = unicodedata.category(letter) in _MARKS and not 0xFE00 <= code <= 0xFE0F  # those say how an emoji is drawn
        self[code] = code if inside or marks else ord(" ")
        return self[code]


_ENDS = _Ends()

_CLOSING_SIZE = re.compile(
    r"[,(/–-]\s*(?:x{0,3}s|m|x{0,3}l|\d?xl|small|medium|(?:x-|extra )?large|jumbo|mini|one size|per lb|small to medium)\)?\s*$"
)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’](?=[^\W\d_])")  # «5'6» is two numbers
_DIGIT = re.compile(r"\d")
_BETWEEN_NUMBERS = re.compile(r" (?=\d)(?<=\d )")
"""The space that may not be left out: «1 5» is not «15»."""

_COLOURS = frozenset(
    (
        *("black", "white", "grey", "gray", "silver", "gold", "red", "pink", "purple", "violet", "maroon", "blue"),
        *("turquoise", "teal", "green", "olive", "yellow", "orange", "brown", "beige", "cream", "khaki", "tan"),
        *("navy", "ivory", "burgundy", "charcoal", "coral", "rose", "mustard", "lavender", "peach", "indigo", "bronze"),
        *("copper", "lilac", "magenta", "cyan", "mint", "plum", "mauve", "rust", "wine", "nude", "taupe", "fuchsia", "aqua"),
    )
)
_NAVY = frozenset({"navy"})  # «navy blue» is one colour
_STUFFS = frozenset(("milk", "chocolate", "butter", "cheese", "honey", "almond", "peanut", "coconut", "coffee", "tea"))
"""Of two of them the last one is bought: «chocolate almond milk» is a drink, «milk chocolate almonds» are sweets."""
_BOUND = FUNCTION_WORDS | {"no", "not", "over", "than", "under", "versus", "vs", "without", "male", "female"}
"""What stands beside them says what is meant: «red on blue», «USB male, HDMI female»."""


@lru_cache(REMEMBERED)
def words(title: str) -> tuple[str, ...]:
    """The title's keys: its words in their order, and once more in the alphabet's, where theirs does not count."""
    return _keys(_plain(title))


@lru_cache(REMEMBERED)
def without_size(title: str) -> tuple[str, ...]:
    """The same without amounts; a title that is nothing but an amount keeps it."""
    plain = _plain(title)
    return _keys(_CLOSING_SIZE.sub("", AMOUNT.sub(" ", apart(plain)))) or _keys(plain)


def _plain(title: str) -> str:
    """Folded as what is looked for, and a final «ς» is a «σ»: a mark that makes another letter stays, «パ» is not «ハ»."""
    return fold(title.casefold())


def _keys(plain: str) -> tuple[str, ...]:
    """None of a blank text."""
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
