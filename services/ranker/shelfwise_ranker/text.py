"""Words as the ranker sees them: plain, split between letters and numbers, stemmed."""

import re
from functools import lru_cache

import Stemmer

from shelfwise.words import LETTERS, plain

_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|{LETTERS}")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")


def words(text: str) -> list[str]:
    """Plain words and numbers in order, not stemmed: «16oz Men's» gives 16, oz, men."""
    return _TOKEN.findall(plain(text))


def tokens(text: str) -> list[str]:
    """Stemmed words and normalized numbers, in order, repetitions kept."""
    return [token(word) for word in words(text)]


@lru_cache(maxsize=200_000)
def token(word: str) -> str:
    """One plain word's token: its English Snowball stem; numbers lose leading and trailing zeros (2.50 is 2.5).

    A comma before groups of three digits sets thousands apart (1,000 is 1000), any other is a decimal one (2,5 is 2.5).
    """
    if word[0].isdigit():
        return _number(word)
    stem: str = _stemmer().stemWord(word)
    return stem


def is_number(token: str) -> bool:
    return token[0].isdigit()


def _number(word: str) -> str:
    separator = "" if _THOUSANDS.fullmatch(word) else "."
    whole, _, fraction = word.replace(",", separator).partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    # Its own cache would be a second one behind `token`'s.
    return Stemmer.Stemmer("english", 0)
