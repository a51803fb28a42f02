"""What a request asks for, in tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from shelfwise_ranker.products import ProductTable, Rows
from shelfwise_ranker.text import is_number, token, words
from shelfwise_ranker.vocabulary import PAD

MIN_FUZZY_LETTERS = 4
MIN_FUZZY_SIMILARITY = 0.75
"""One slip in four letters; measured as 1 - optimal string alignment distance / length."""


@dataclass(frozen=True)
class Query:
    """The words of a text, or of the seeds' titles."""

    sorted_text: str  # its folded words, sorted: word order means nothing to the similarity of characters
    words: dict[str, str]  # token -> the word as it was written
    numbers: NDArray[np.int32]  # tokens the vocabulary knows, distinct, in order
    weights: NDArray[np.float32]  # of those
    unknown: tuple[str, ...]  # tokens that no product has: misspelt, or of another shop
    unknown_weight: float
    total: float  # weight of all tokens, NaN when there are none
    pairs: NDArray[np.int32]  # [pairs, 2] tokens that stand side by side, both known
    sizes: NDArray[np.int32]  # tokens that are numbers and known
    size_count: int  # tokens that are numbers, known or not

    @classmethod
    def of_text(cls, text: str, table: ProductTable) -> "Query":
        return cls._of_words(words(text), table)

    @classmethod
    def of_seeds(cls, seeds: Rows, table: ProductTable) -> "Query":
        """The titles of the known seeds, one after the other."""
        return cls._of_words([word for row in seeds.tolist() if row >= 0 for word in words(table.titles[row])], table)

    @classmethod
    def _of_words(cls, spoken: Sequence[str], table: ProductTable) -> "Query":
        vocabulary = table.vocabulary
        in_order = [token(word) for word in spoken]
        as_written = dict(zip(in_order, spoken, strict=True))
        distinct = list(dict.fromkeys(in_order))
        known = [number for part in distinct if (number := vocabulary.numbers.get(part)) is not None]
        unknown = tuple(part for part in distinct if part not in vocabulary.numbers)
        numbers = np.array(known, dtype=np.int32)
        weights = vocabulary.weights[numbers]
        total = float(weights.sum()) + vocabulary.unknown_weight * len(unknown)
        sequence = [vocabulary.numbers.get(part, PAD) for part in in_order]
        pairs = [pair for pair in pairwise(sequence) if PAD not in pair]
        return cls(
            sorted_text=" ".join(sorted(spoken)),
            words=as_written,
            numbers=numbers,
            weights=weights,
            unknown=unknown,
            unknown_weight=vocabulary.unknown_weight,
            total=total or float("nan"),
            pairs=np.array(pairs, dtype=np.int32).reshape(-1, 2),
            sizes=numbers[vocabulary.is_number[numbers]],
            size_count=sum(map(is_number, distinct)),
        )

    def mark(self, tokens: NDArray[np.int32], table: ProductTable) -> NDArray[np.float32]:
        """[vocabulary + 1] what finding each token in a candidate is worth; 0 for tokens the query does not name.

        A word that no product has counts, less, for the candidates' words that are spelt almost like it.
        """
        marks = np.zeros(len(table.vocabulary) + 1, dtype=np.float32)
        marks[self.numbers] = self.weights
        # Whole words are compared: the stem of a misspelt word may have little to do with that of the word meant.
        written = (self.words[part] for part in self.unknown)
        misspelt = [word for word in written if len(word) >= MIN_FUZZY_LETTERS and not is_number(word)]
        if misspelt:
            present = np.unique(tokens)
            present = present[present != PAD]
            spelt = [table.vocabulary.spelling(number) for number in present.tolist()]
            alike = cdist(misspelt, spelt, scorer=OSA.normalized_similarity, score_cutoff=MIN_FUZZY_SIMILARITY)
            worth = self.unknown_weight * alike.max(axis=0, initial=0.0)
            marks[present] = np.maximum(marks[present], worth)
        return marks
