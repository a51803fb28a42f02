"""Words with nearly the meaning of a product's name that its title does not have."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.text import token, tokens

Vectors = NDArray[np.float32]  # [rows, dimension], of unit length

NEAREST = 8
"""The maximum number of words kept for a phrase."""

LEAST = 0.43
"""Below this cosine, a word and a phrase have too little in common."""

MARGIN = 0.15
"""A word may be nearer to another phrase by at most this much: "hammer" is near to "nail care", but nearer to "hand tools"."""

FEW, EVERYWHERE = 5, 0.01
"""A word near to more than this share of the phrases (and to more than a few) names none of them: "recipe"."""

_CHUNK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Words of the language with their vectors. `others` have no vectors; they are only known to be spelled correctly."""

    words: Sequence[str]
    vectors: Vectors
    others: Sequence[str] = ()

    @property
    def known(self) -> list[str]:
        """All words, sorted."""
        return sorted({*self.words, *self.others})

    @classmethod
    def none(cls) -> "Words":
        return cls([], np.empty((0, 1), np.float32))


class Lexicon:
    """For each phrase that names a product or a kind of product, the words that a shopper may use instead."""

    def __init__(self, words: Words, phrases: Sequence[str], vectors: Vectors) -> None:
        """`vectors`: [phrases, dimension] of the distinct `phrases`, from the same encoder as those of the words."""
        self._near: dict[str, list[str]] = {phrase: [] for phrase in phrases}
        if not phrases or not len(words.words):
            return
        nearest_phrase = np.max([part.max(axis=0) for part in _cosines(vectors, words.vectors)], axis=0)
        stems = np.array([token(word) for word in words.words])
        place = 0
        for part in _cosines(vectors, words.vectors):
            part[(part < LEAST) | (part < nearest_phrase - MARGIN)] = 0.0
            # Twice as many, because some of the nearest are the phrase's own words.
            best = np.argpartition(-part, min(2 * NEAREST, part.shape[1] - 1), axis=1)[:, : 2 * NEAREST]
            for row, numbers in zip(part, best, strict=True):
                phrase = phrases[place]
                place += 1
                own = set(tokens(phrase))
                kept = sorted((number for number in numbers.tolist() if row[number] > 0), key=lambda number: -row[number])
                self._near[phrase] = [words.words[number] for number in kept if stems[number] not in own][:NEAREST]

        times = Counter(word for near in self._near.values() for word in near)
        most = max(FEW, EVERYWHERE * len(phrases))
        self._near = {phrase: [word for word in near if times[word] <= most] for phrase, near in self._near.items()}

    def near(self, phrase: str) -> list[str]:
        """Return at most NEAREST words, the nearest first; none for an unknown phrase."""
        return self._near.get(phrase, [])


def _cosines(phrases: Vectors, words: Vectors) -> Iterator[Vectors]:
    """Yield [some phrases, words] for a chunk of the phrases at a time; all at once would take gigabytes."""
    for start in range(0, len(phrases), _CHUNK):
        yield phrases[start : start + _CHUNK] @ words.T
