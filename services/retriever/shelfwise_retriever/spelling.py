"""Corrects a word that the catalog does not know to one that it does."""

import math
import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from shelfwise.words import LETTERS
from shelfwise_retriever.slips import likelihood

MOST_WORDS = 100_000
ONE_LETTER_LESS_FROM = 3
ONE_EDIT_FROM = 4
TWO_EDITS_FROM = 8
FREQUENT = 0.25
"""The weight of a word's frequency against the likelihood of the slip. It is low because frequency counts products, and
shoppers ask for rare things more often than their share of products."""

Fits = Callable[[str], float]
"""How well a word goes with the other words of its text, as the logarithm of something like a probability."""

_SHORTEST_PART = 3
_RUNS = re.compile(r"[0-9]+|[^0-9]+")
_LETTERS = re.compile(LETTERS)


class Spelling:
    """The catalog's words and all forms of them with letters left out.

    Two words within d edits share a form that lacks at most d letters of either, so looking up a misspelt word's own shortened
    forms finds its candidates. The forms are kept only as hashes, sorted.
    """

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        """`words`: each word with the number of documents that have it."""
        self._frequency = dict(words)
        self._targets = sorted(
            (word for word in self._frequency if len(word) >= ONE_EDIT_FROM - 1 and is_letters(word)),
            key=lambda word: (-self._frequency[word], word),
        )[:MOST_WORDS]
        counts: list[int] = []

        def hashes() -> Iterator[int]:
            """Hashes valid in this process only; they are never stored."""
            for word in self._targets:
                forms = shortened(word, 2 if len(word) >= TWO_EDITS_FROM else 1)
                counts.append(len(forms))
                yield from map(hash, forms)

        # Straight into an array: numpy converts a list of millions in a single call, during which every other thread waits.
        hashed = np.fromiter(hashes(), np.int64)
        order = np.argsort(hashed, kind="stable")
        self._hashes = hashed[order]
        self._words_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[order]

    def learn(self, words: Iterable[str]) -> None:
        """Add later words: they are known and never corrected, but not yet offered as corrections."""
        for word in words:
            self._frequency[word] = self._frequency.get(word, 0) + 1

    def knows(self, word: str) -> bool:
        return word in self._frequency

    def having(self, word: str) -> int:
        """How many documents have `word` as written."""
        return self._frequency.get(word, 0)

    def more_often_apart(self, word: str) -> list[tuple[str, str]]:
        """Pairs of words that make up the known `word`, each of them in more documents than `word`."""
        return [pair for pair in self._pairs(word) if min(map(self.having, pair)) > self.having(word)]

    def corrected(self, word: str, fits: Fits | None = None) -> list[str]:
        """The known words that the unknown `word` was meant to be; empty if nothing is near. `fits` helps to choose among words
        at the same distance.

        A left-out letter is corrected from 3 letters on, since any other slip leaves too little of so short a word; one edit
        from 4; two from 8, unless the word is two known words written together. Numbers are separated from letters ("12ft")
        and never changed.
        """
        if not is_letters(word):
            parts = _RUNS.findall(word)
            return parts if all(map(self.knows, parts)) else []
        if len(word) < ONE_EDIT_FROM:
            near = self._nearest(word, 1, fits, longer=True) if len(word) >= ONE_LETTER_LESS_FROM else None
            return [near] if near else []
        near = self._nearest(word, 1, fits)
        if near is None:
            if parts := self._taken_apart(word):
                return parts
            near = self._nearest(word, 2, fits) if len(word) >= TWO_EDITS_FROM else None
        return [near] if near else []

    def _nearest(self, word: str, most: int, fits: Fits | None, *, longer: bool = False) -> str | None:
        """The word within `most` edits that was most likely meant, if none is within fewer: frequency, `fits` and, for single
        edits, the likelihood of the slip decide. `longer`: only words that are longer by `most`."""
        hashes = np.array([hash(form) for form in shortened(word, most)], np.int64)
        low = np.searchsorted(self._hashes, hashes, "left").tolist()
        high = np.searchsorted(self._hashes, hashes, "right").tolist()
        # Targets are numbered by falling frequency.
        numbers = sorted({int(number) for a, b in zip(low, high, strict=True) for number in self._words_of[a:b]})
        if longer:
            numbers = [number for number in numbers if len(self._targets[number]) == len(word) + most]
        nearest = [target for target in map(self._targets.__getitem__, numbers) if edits(word, target, most) <= most]
        if len(nearest) < 2:
            return nearest[0] if nearest else None

        def likely(target: str) -> float:
            slip = likelihood(word, target) if most == 1 else 0.0
            return FREQUENT * math.log(self._frequency[target]) + slip + (fits(target) if fits else 0.0)

        # Of equally likely words the first, which is the most frequent.
        return max(nearest, key=likely)

    def _taken_apart(self, word: str) -> list[str]:
        """Two known words that make up `word`: the pair whose rarer word is the most frequent; empty if there is none."""
        known = self._pairs(word)
        return list(max(known, key=lambda pair: min(map(self.having, pair)))) if known else []

    def _pairs(self, word: str) -> list[tuple[str, str]]:
        """All pairs of known words that make up `word`."""
        pairs = [(word[:cut], word[cut:]) for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)]
        return [pair for pair in pairs if all(map(self.knows, pair))]


def is_letters(word: str) -> bool:
    """Whether `word` has only letters and their marks; `isalpha` is false for words with marks ("हल्दी")."""
    return _LETTERS.fullmatch(word) is not None


def shortened(word: str, most: int) -> set[str]:
    """`word` and every form of it that lacks at most `most` letters."""
    forms = latest = {word}
    for _ in range(most):
        latest = {form[:position] + form[position + 1 :] for form in latest for position in range(len(form))}
        forms = forms | latest
    return forms


def edits(one: str, other: str, most: int) -> int:
    """Letters changed, added, left out or swapped with a neighbour between two words; `most + 1` if more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return min(last[-1], most + 1)
