"""When two titles name the same product to a shopper. Cheap: two regular expressions, no comparison of pairs.

    words         case, accents, punctuation and spacing do not count:  "Nail Paint – RED" = "nail paint, red"
    without_size  amounts do not count either:                          "Cola, 6 x 330 ml" = "Cola 1.5 L" = "COLA (12 pack)"

An amount is a number with a unit of weight, volume, length or count, a pack ("pack of 6"), a size that is said to be one
("size 42") or that closes the title ("Shirt, XL"). Other numbers are names: "iPhone 14" and "iPhone 15" stay two products,
as do "3M tape", "4G router" and "2 in 1 shampoo".
"""

import re
import unicodedata

from shelfwise.amounts import AMOUNT
from shelfwise.words import fold

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


def words(title: str) -> str:
    """The title's words in their order, and nothing else."""
    return _joined(_plain(title))


def without_size(title: str) -> str:
    """The same without amounts; a title that is nothing but an amount keeps it."""
    plain = _plain(title)
    return _joined(_CLOSING_SIZE.sub("", AMOUNT.sub(" ", plain))) or _joined(plain)


def _plain(title: str) -> str:
    """Folded as what is looked for, and a final «ς» is a «σ»: a mark that makes another letter stays, «パ» is not «ハ»."""
    return fold(title.casefold())


def _joined(plain: str) -> str:
    return " ".join(plain.translate(_ENDS).split()) or plain.strip()
