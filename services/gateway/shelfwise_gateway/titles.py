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

_WORD = re.compile(r"(?:[^\W_]|[+#%])+")  # the signs tell «C++» from «C#» and «2%» from «2»
_ASCII_ENDS = str.maketrans({chr(code): " " for code in range(128) if not _WORD.match(chr(code))})

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
    folded = title.casefold()
    if folded.isascii():
        return folded
    return "".join(letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter))


def _joined(plain: str) -> str:
    # The same either way; titles are mostly ASCII, and this runs for every product that is shown.
    found = plain.translate(_ASCII_ENDS).split() if plain.isascii() else _WORD.findall(plain)
    return " ".join(found) or plain.strip()
