"""Words that the catalog writes with accents: how to show them, and how they are typed without accents.

Plain words have no accents, so "muller" finds "Müller". Without ü on the keyboard, "mueller" may be typed as well.
"""

import unicodedata
from collections.abc import Mapping

from shelfwise.words import WRITTEN
from shelfwise_retriever.words import words

_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_MOSTLY = 0.5


def accented(text: str) -> list[str]:
    """The words of `text` whose plain form differs, in lower case with their accents."""
    if text.isascii():
        return []
    # A capital İ becomes an i and a combining dot that no word has.
    lower = unicodedata.normalize("NFKC", text).lower().replace("i\u0307", "i")
    return [word for word in WRITTEN.findall(lower) if word.isalpha() and _plain(word) not in (None, word)]


class Accents:
    """Plain and accented spellings in a dictionary that lists each word plain and, if it has accents, as written as well."""

    def __init__(self, having: Mapping[str, int]) -> None:
        """`having`: each word with the number of documents that have it."""
        self.plain = dict(having)
        """The words without the accented ones."""
        self.two_letters: dict[str, str] = {}
        """Plain words by how they are typed with "ue" for "ü"; typed forms that the catalog itself has are left as they are."""
        self._written: dict[str, str] = {}
        for word in sorted((word for word in having if not word.isascii()), key=lambda word: (having[word], word)):
            if (plain := _plain(word)) is None or plain == word:
                continue
            del self.plain[word]
            if having[word] > _MOSTLY * having.get(plain, 0):
                self._written[plain] = word
            typed = _plain(word.translate(_TWO_LETTERS))
            if typed is not None and typed != plain and typed not in having:
                self.two_letters[typed] = plain

    def written(self, word: str) -> str:
        """A plain word as most documents that have it write it, in lower case."""
        return self._written.get(word, word)


def _plain(word: str) -> str | None:
    """The plain form; None if it is not one word."""
    found = words(word)
    return found[0] if len(found) == 1 else None
