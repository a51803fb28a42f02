"""Words as the ranker sees them: plain, split between letters and numbers, stemmed."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

from shelfwise.units import usual
from shelfwise.words import APOSTROPHES, LETTERS, fold, plain, unspaced

_NUMBER = r"\d+(?:[.,]\d+)*"
_TOKEN = re.compile(rf"{_NUMBER}|{LETTERS}")
_WRITTEN = re.compile(rf"{_NUMBER}|{LETTERS}(?:[{APOSTROPHES}]{LETTERS})*")
_JOINING = frozenset(APOSTROPHES)
_LONGEST_REMEMBERED = 50
"""In characters. Shoppers may type one word of 500, and a cache of 200,000 such words would be most of the ranker's memory."""

_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")


def words(text: str) -> list[str]:
    """Plain words and numbers in order, not stemmed: "16oz Men's" gives 16, oz, men."""
    return _TOKEN.findall(plain(text))


def spellings(text: str) -> dict[str, str]:
    """Each plain word with its form in the text: "Kühlschränke" for kuhlschranke; of several forms of a plain word the first.

    Pairs of characters, from text written without spaces, are left out: the text has them as they are.
    """
    found: dict[str, str] = {}
    for match in _WRITTEN.finditer(unicodedata.normalize("NFC", text)):
        written = match[0]
        spoken = words(written)
        if len(spoken) == 1 or not _JOINING.isdisjoint(written):
            for word in spoken:
                found.setdefault(word, written)
    return found


def told(spoken: Iterable[str], text: str) -> str:
    """Plain words of `text` in readable form: what was cut into pairs of characters ("コー", "ーヒ") is whole again."""
    folded = fold(text)
    read: list[str] = []
    for word in spoken:
        if read and (characters := unspaced(word)):
            whole = read[-1] + "".join(characters[read[-1].endswith(characters[0]) :])
            if whole in folded:
                read[-1] = whole
                continue
        read.append(word)
    return " ".join(read)


def tokens(text: str) -> list[str]:
    """Stemmed words and normalized numbers, in order, repetitions kept."""
    return [token(word) for word in words(text)]


def token(word: str) -> str:
    """The token of one plain word: its English Snowball stem, for a unit that of its usual form ("litres" is "l"); numbers lose
    leading and trailing zeros (2.50 is 2.5).

    A comma before groups of three digits separates thousands (1,000 is 1000), any other is a decimal one (2,5 is 2.5).
    """
    return _remembered(word) if len(word) <= _LONGEST_REMEMBERED else _token(word)


def _token(word: str) -> str:
    if word[0].isdigit():
        return _number(word)
    stem: str = _stemmer().stemWord(usual(word))
    return stem


_remembered = lru_cache(maxsize=200_000)(_token)


def is_number(token: str) -> bool:
    return token[0].isdigit()


def _number(word: str) -> str:
    separator = "" if _THOUSANDS.fullmatch(word) else "."
    whole, _, fraction = word.replace(",", separator).partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    # Its own cache would only duplicate that of `token`.
    return Stemmer.Stemmer("english", 0)
