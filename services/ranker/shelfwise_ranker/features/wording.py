"""Interpretation of a query's words: which carry no meaning, which belong together, which are split."""

from collections.abc import Sequence
from itertools import pairwise

from shelfwise.words import FUNCTION_WORDS
from shelfwise_ranker.text import token
from shelfwise_ranker.vocabulary import Vocabulary

FUNCTION_WEIGHT = 0.05
"""The part of a function word's weight that remains if the query has any other word."""

SHORTEST_PART = 3


def taken_apart(spoken: Sequence[str], vocabulary: Vocabulary) -> list[str]:
    """The words in order; a word that neither the catalog nor the language has ("nailpolish") is split into its two parts."""
    apart: list[str] = []
    for word in spoken:
        apart += (word,) if vocabulary.has_word(token(word)) else _parts(word, vocabulary)
    return apart


def _parts(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Two words of the catalog that make up `word`, the pair whose rarer word is the most frequent; else `word` itself."""
    best: int = 0
    found: tuple[str, ...] = (word,)
    numbers = vocabulary.numbers
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if word.isalpha() else ():
        one, other = numbers.get(token(word[:cut])), numbers.get(token(word[cut:]))
        if one and other and (common := min(vocabulary.frequencies[one - 1], vocabulary.frequencies[other - 1])) > best:
            best, found = common, (word[:cut], word[cut:])
    return found


def written_together(spoken: Sequence[str], vocabulary: Vocabulary) -> list[tuple[int, str, str]]:
    """(number of the joined word, first token, second token) for adjacent words that the catalog joins ("tooth paste")."""
    found = []
    for one, other in pairwise(spoken):
        if one.isalpha() and other.isalpha() and not {one, other} & FUNCTION_WORDS:
            number = vocabulary.numbers.get(token(one + other))
            if number is not None:
                found.append((number, token(one), token(other)))
    return found
