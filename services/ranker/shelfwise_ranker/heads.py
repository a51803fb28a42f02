"""The word that says what something is: "wine" of "red wine", "grapes" of "red grapes", "shampoo" of "shampoo for dry hair".

In English names the head comes last, before any "for …" or "with …". A product that shares only a modifier with a query is
something else, however rare the modifier.
"""

import re

from shelfwise.words import fold
from shelfwise_ranker.text import words

_END = re.compile(r"[,;:(/|]| - |\b(?:for|with|in|of|from|by|to|without|on|at)\b")
_COORDINATES = re.compile(r"\band\b|\bor\b|&|\+")


def heads(text: str) -> list[str]:
    """The folded head words of `text`, one for each part joined by "and"; none if the text names nothing."""
    folded = fold(text)
    for segment in _END.split(folded):
        found = [named[-1] for part in _COORDINATES.split(segment) if (named := _letters(part))]
        if found:
            return found
    return []


def _letters(text: str) -> list[str]:
    return [word for word in words(text) if not word[0].isdigit() and len(word) > 1]
