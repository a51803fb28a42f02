"""Words that the catalog writes with accents: how they are shown, and how they are typed without.

Plain words have no accents, so «Müller» is found by «muller». Where a keyboard has no ü, it may as well be «mueller».
"""

import unicodedata
from collections.abc import Mapping

from shelfwise.words import WRITTEN
from shelfwise_retriever.words import words

_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_MOSTLY = 0.5


def accented(text: str) -> list[str]:
    """The words of `text` that are written otherwise when plain, in lower case with their accents."""
    if text.isascii():
        return []
    # A capital İ becomes an i and a dot that no word has.
    lower = unicodedata.normalize("NFKC", text).lower().replace("i\u0307", "i")
    return [word for word in WRITTEN.findall(lower) if word.isalpha() and _plain(word) not in (None, word)]


class Accents:
    """Of a dictionary in which words stand plain and, where they have accents, as they are written as well."""

    def __init__(self, having: Mapping[str, int]) -> None:
        """`having`: each word with the number of documents that have it."""
        self.plain = dict(having)
        """Without the accented ones."""
        self.two_letters: dict[str, str] = {}
        """Plain words by what they are typed as where «ü» is «ue»; what the catalog has itself is meant as it is."""
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
        """A plain word as most of the documents that have it write it, in lower case."""
        return self._written.get(word, word)


def _plain(word: str) -> str | None:
    """None where it is not one word."""
    found = words(word)
    return found[0] if len(found) == 1 else None
