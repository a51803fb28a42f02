"""Words as the ranker sees them: folded, split between letters and numbers, stemmed."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_APOSTROPHES = re.compile(r"(?<=\w)['’](?=\w)")
_LETTERS_WITHOUT_ACCENT = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})


def fold(text: str) -> str:
    """Lower case without accents; letters of other scripts stay what they are."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered.translate(_LETTERS_WITHOUT_ACCENT))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """Folded words and numbers in order, not stemmed: «16oz Men's» gives 16, oz, mens."""
    return _TOKEN.findall(_APOSTROPHES.sub("", fold(text)))


def tokens(text: str) -> list[str]:
    """Stemmed words and normalized numbers, in order, repetitions kept."""
    return [token(word) for word in words(text)]


@lru_cache(maxsize=200_000)
def token(word: str) -> str:
    """One folded word's token: its English Snowball stem; numbers lose leading and trailing zeros (2.50 is 2.5).

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
