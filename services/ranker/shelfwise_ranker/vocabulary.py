"""The catalog's tokens by number, and the weight of each."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.text import is_number, token

PAD = 0
"""The number of "no token", which fills the rest of a row of tokens."""


RAREST = 1_000
"""A word that fewer than one in this many products have counts no more than one at that frequency."""


@dataclass
class Vocabulary:
    """Tokens are numbered from 1. `frequencies`: in how many of `documents` products each occurs.

    A vocabulary only grows (`learn`): a number keeps its token, and a token its weight.
    """

    tokens: list[str]
    spellings: list[str]  # for each token the word that most products have; misspelt words are compared with it
    frequencies: list[int]
    documents: int
    known_words: list[str] = field(default_factory=list)  # of the language, sorted; never taken for a typo
    numbers: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.numbers = {part: number for number, part in enumerate(self.tokens, start=1)}

    @classmethod
    def of(cls, documents: Iterable[Iterable[str]], known_words: Collection[str] = ()) -> "Vocabulary":
        """Count the tokens of every document's words; frequent ones first, so that numbers do not depend on the order of
        rows."""
        of_words: Counter[str] = Counter()
        of_tokens: Counter[str] = Counter()
        size = 0
        for document in documents:
            distinct = set(document)
            of_words.update(distinct)
            of_tokens.update({token(word) for word in distinct})
            size += 1
        spelling: dict[str, str] = {}
        for word, _ in sorted(of_words.items(), key=lambda item: (-item[1], item[0])):
            spelling.setdefault(token(word), word)
        ordered = sorted(of_tokens.items(), key=lambda item: (-item[1], item[0]))
        tokens = [part for part, _ in ordered]
        known = sorted({word.lower() for word in known_words})
        return cls(tokens, [spelling[part] for part in tokens], [count for _, count in ordered], size, known)

    def __len__(self) -> int:
        return len(self.tokens)

    def learn(self, part: str, spelling: str) -> int:
        """The number of a token; a new token is as rare as one that a single product has."""
        known = self.numbers.get(part)
        if known is not None:
            return known
        weights, is_numbers = self.weights, self.is_number  # computed now, if not before
        self.tokens.append(part)
        self.spellings.append(spelling)
        self.frequencies.append(1)
        number = self.numbers[part] = len(self.tokens)
        self.weights = np.append(weights, np.float32(self.unknown_weight))
        self.is_number = np.append(is_numbers, is_number(part))
        return number

    def spelling(self, number: int) -> str:
        """The usual word for the token with this number (from 1)."""
        return self.spellings[number - 1]

    def has_word(self, part: str) -> bool:
        """Whether a token belongs to a word of the language, in any form, or of the catalog."""
        return part in self.numbers or part in self._known_tokens

    @cached_property
    def _known_tokens(self) -> frozenset[str]:
        return frozenset(map(token, self.known_words))

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """[tokens + 1] the square root of log(1 + documents / frequency), the ratio capped at RAREST; 0 for PAD.

        A word that one product of 90,000 has is rare in the shop, not in the language: if it outweighs the others, that product
        wins every query with the word ("nail paint" and the one car paint).
        """
        frequencies = np.asarray(self.frequencies, dtype=np.float64)
        rarity = np.log1p(np.minimum(self.documents / np.maximum(frequencies, 1.0), RAREST))
        return np.concatenate([[0.0], np.sqrt(rarity)]).astype(np.float32)

    @cached_property
    def unknown_weight(self) -> float:
        """The weight of a token that no product has: that of a token that a single product has."""
        return float(np.sqrt(np.log1p(min(max(self.documents, 1), RAREST))))

    @cached_property
    def is_number(self) -> NDArray[np.bool_]:
        """[tokens + 1] whether the token is a number; False for PAD."""
        return np.array([False, *map(is_number, self.tokens)])
