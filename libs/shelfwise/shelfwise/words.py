"""How text is cut into words: by the retriever and the ranker alike, in products and in questions.

Case and accents are ignored ("Crème" is "creme"), and so are variants of characters ("37℃" is "37 c"). A possessive is reduced
to its word ("men's" is "men"), any other apostrophe inside a word joins it, and what follows an elided article is a word as
well ("l'huile" is "lhuile" and "huile").

An inch is recognized also as "12 in.", which without the period may be another word.

Marks that write a vowel or another consonant belong to their word: "दाल" is not "दिल", nor "パン" "バン". Text that is written
without spaces (Chinese, Japanese, Thai, Lao, Burmese, Khmer) is cut into all pairs of adjacent characters, so that a word is
found wherever it stands.
"""

import re
import unicodedata
from itertools import pairwise

FUNCTION_WORDS = frozenset(
    (
        *("a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "my"),
        *("of", "on", "or", "our", "that", "the", "this", "to", "with", "your"),
    )
)
"""Words that name no product: a product that has one is no better answer to a question with any other word."""

_MARKS = "".join(
    character
    for character in map(chr, range(0x300, 0xFE00))
    if unicodedata.category(character) in {"Mn", "Mc"}  # regular expressions do not count these as part of a word
)
LETTERS = rf"[^\W\d_]+(?:[{_MARKS}]+[^\W\d_]*)*"
"""A pattern: consecutive letters, with their marks."""

_LETTERS_AND_DIGITS = rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*"
APOSTROPHES = "'’‘´ʼ"
"""The last three are typed instead of one: the key beside it, and what some keyboards and imports make of it."""

_APOSTROPHE = rf"(?<=[^\W\d_{_MARKS}])[{APOSTROPHES}](?=[^\W\d_])"
WORD = re.compile(_LETTERS_AND_DIGITS)
"""A word of a `plain` text, numbers and letters together."""

WRITTEN = re.compile(rf"{_LETTERS_AND_DIGITS}(?:{_APOSTROPHE}{_LETTERS_AND_DIGITS})*")
"""A word of any text, with its apostrophes."""

_INCHES = re.compile(r"(?:(?<=\d)|(?<=\d[ -]))in(?:\.(?![^\W_])|(?=\.))")
_POSSESSIVE = re.compile(rf"{_APOSTROPHE}s(?![^\W_])")
_JOINS = re.compile(_APOSTROPHE)
_AFTER_ARTICLE = re.compile(rf"{_APOSTROPHE}([^\W\d_]{{3,}})")

# Accents; vowel signs of Hebrew and Arabic, which hardly anybody types; and characters that only say where a line may end or
# how letters join: soft hyphens, word joiners, zero-width joiners.
_UNTYPED = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    r"\u00ad\u200d\u2060\ufeff]+"
)
_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "‘": "'", "´": "'", "ʼ": "'", "™": " ", "℠": " "}
    | {half: f" {unicodedata.normalize('NFKD', half).replace('⁄', '/')} " for half in "¼½¾⅓⅔⅛⅜⅝⅞"}
)

_UNSPACED = (
    "\u0e01-\u0e4e\u0e80-\u0eff\u1000-\u109f\u1780-\u17d3"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_CHARACTER = re.compile(rf"[{_UNSPACED}][{_MARKS}]*")
_RUN = re.compile(rf"(?:[{_UNSPACED}][{_MARKS}]*)+")


def fold(text: str) -> str:
    """Lower case without accents, with one form of each character; other marks stay."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    # Capitals without a lower-case form of their own ("℃", "№", "𝐍") are decomposed into others, as "ǿ" is into "ø".
    decomposed = unicodedata.normalize("NFKD", lowered.translate(_SPELLED_OUT)).lower()
    return unicodedata.normalize("NFC", _UNTYPED.sub("", decomposed).translate(_SPELLED_OUT))


def plain(text: str) -> str:
    """`fold`ed, without apostrophes inside words, and with text that has no spaces in pairs of characters."""
    folded = fold(text)
    if "in." in folded:
        folded = _INCHES.sub("inch", folded)
    if "'" in folded or "’" in folded:
        folded = _JOINS.sub("", _AFTER_ARTICLE.sub(r"'\1 \1", _POSSESSIVE.sub("", folded)))
    return folded if folded.isascii() else _RUN.sub(_paired, folded)


def unspaced(word: str) -> list[str]:
    """The characters, with their marks, of a plain word that is written without spaces; empty for another word."""
    return _CHARACTER.findall(word) if not word.isascii() and _RUN.fullmatch(word) else []


def apart(text: str) -> str:
    """`text` with a space around each part that is written without spaces."""
    return text if text.isascii() else _RUN.sub(r" \g<0> ", text)


def _paired(run: re.Match[str]) -> str:
    characters = _CHARACTER.findall(run[0])
    pairs = [one + other for one, other in pairwise(characters)] or characters
    return f" {' '.join(pairs)} "
