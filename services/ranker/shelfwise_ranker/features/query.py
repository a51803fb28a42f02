"""What a request asks for, in tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from shelfwise.words import FUNCTION_WORDS, unspaced
from shelfwise_ranker.distinct import distinct
from shelfwise_ranker.features.wording import FUNCTION_WEIGHT, taken_apart, written_together
from shelfwise_ranker.heads import heads
from shelfwise_ranker.products import ProductTable, Rows
from shelfwise_ranker.text import is_number, token, words
from shelfwise_ranker.vocabulary import PAD

MIN_FUZZY_LETTERS = 4
MIN_FUZZY_SIMILARITY = 0.75
"""One typo in four letters; measured as 1 - optimal string alignment distance / length."""


@dataclass(frozen=True)
class Query:
    """The words of a text, or of the seeds' titles."""

    text: str  # as the shopper wrote it; empty for a query made of seeds
    sorted_text: str  # its folded words, sorted: character similarity ignores word order
    words: dict[str, str]  # token -> the word as it was written
    numbers: NDArray[np.int32]  # distinct tokens that the vocabulary has, in order
    weights: NDArray[np.float32]  # of `numbers`
    unknown: tuple[str, ...]  # tokens that no product has: misspelt, or not in this shop
    misspelt: tuple[str, ...]  # the words of `unknown` that the language does not have either
    unknown_weight: float
    total: float  # weight of all tokens, NaN when there are none
    pairs: NDArray[np.int32]  # [pairs, 2] adjacent tokens, both known
    together: NDArray[np.int32]  # tokens that stand for two adjacent words of the query that products write as one
    together_weights: NDArray[np.float32]  # the weight of both words
    parts: NDArray[np.bool_]  # [together, numbers] which tokens each of `together` stands for
    heads: NDArray[np.int32]  # known tokens of the words that say what is asked for, and their joined forms
    sizes: NDArray[np.int32]  # known tokens that are numbers
    size_count: int  # tokens that are numbers, known or not

    @classmethod
    def of_text(cls, text: str, table: ProductTable) -> "Query":
        return cls._of_words(taken_apart(words(text), table.vocabulary), heads(text), table, text)

    @classmethod
    def of_seeds(cls, seeds: Rows, table: ProductTable) -> "Query":
        """The titles of the known seeds, one after the other."""
        titles = [table.titles[row] for row in seeds.tolist()]  # an unknown seed has the last one, which is empty
        spoken = [word for title in titles for word in words(title)]
        return cls._of_words(spoken, [word for title in titles for word in heads(title)], table)

    @classmethod
    def _of_words(cls, spoken: Sequence[str], head_words: Sequence[str], table: ProductTable, text: str = "") -> "Query":
        vocabulary = table.vocabulary
        in_order = [token(word) for word in spoken]
        as_written = dict(zip(in_order, spoken, strict=True))
        weight = {part: _weight(part, table) for part in as_written}
        if not FUNCTION_WORDS.issuperset(as_written.values()):
            weight.update({part: FUNCTION_WEIGHT * weight[part] for part, word in as_written.items() if word in FUNCTION_WORDS})
        known = [part for part in as_written if part in vocabulary.numbers]
        unknown = tuple(part for part in as_written if part not in vocabulary.numbers)
        numbers = np.array([vocabulary.numbers[part] for part in known], dtype=np.int32)
        sequence = [vocabulary.numbers.get(part, PAD) for part in in_order]
        pairs = [pair for pair in pairwise(sequence) if PAD not in pair]
        joined = written_together(spoken, vocabulary)
        head_tokens = {token(part) for word in head_words for part in taken_apart([word], vocabulary)[-1:]}
        asked = [vocabulary.numbers[part] for part in head_tokens if part in vocabulary.numbers]
        asked += [number for number, _, other in joined if other in head_tokens]
        return cls(
            text=text,
            sorted_text=" ".join(sorted(spoken)),
            words=as_written,
            numbers=numbers,
            weights=np.array([weight[part] for part in known], dtype=np.float32),
            unknown=unknown,
            misspelt=tuple(as_written[part] for part in unknown if not vocabulary.has_word(part)),
            unknown_weight=vocabulary.unknown_weight,
            total=sum(weight.values()) or float("nan"),
            pairs=np.array(pairs, dtype=np.int32).reshape(-1, 2),
            together=np.array([number for number, _, _ in joined], dtype=np.int32),
            together_weights=np.array([weight[one] + weight[other] for _, one, other in joined], dtype=np.float32),
            parts=np.array([part in both for _, *both in joined for part in known], dtype=bool).reshape(
                len(joined), len(known)
            ),
            heads=np.array(sorted(asked), dtype=np.int32),
            sizes=numbers[vocabulary.is_number[numbers]],
            size_count=sum(map(is_number, as_written)),
        )

    @property
    def alone(self) -> list[str]:
        """Single characters that no product has as a word; they are looked up inside words ("茶" in "緑茶")."""
        return [word for word in self.misspelt if len(unspaced(word)) == 1]

    def mark(self, tokens: NDArray[np.int32], table: ProductTable) -> NDArray[np.float32]:
        """[vocabulary + 1] the weight for finding each token in a candidate; 0 for tokens that the query does not name.

        A misspelt word counts, with a lower weight, for words of the candidates that are spelt almost like it; a single
        character counts for the pairs of characters that contain it.
        """
        marks = np.zeros(len(table.vocabulary) + 1, dtype=np.float32)
        marks[self.together] = self.together_weights
        marks[self.numbers] = np.maximum(self.weights, marks[self.numbers])
        # Compare whole words: the stem of a misspelt word may have little in common with that of the word meant.
        misspelt = [word for word in self.misspelt if len(word) >= MIN_FUZZY_LETTERS and not is_number(word)]
        alone = self.alone
        if misspelt or alone:
            present = distinct(tokens)
            present = present[present != PAD]
            spelt = [table.vocabulary.spelling(number) for number in present.tolist()]
            alike = cdist(misspelt, spelt, scorer=OSA.normalized_similarity, score_cutoff=MIN_FUZZY_SIMILARITY)
            near = alike.max(axis=0, initial=0.0)
            if alone:
                near = np.maximum(near, [any(character in word for character in alone) for word in spelt])
            marks[present] = np.maximum(marks[present], self.unknown_weight * near)
        return marks


def _weight(part: str, table: ProductTable) -> float:
    number = table.vocabulary.numbers.get(part)
    return table.vocabulary.unknown_weight if number is None else float(table.vocabulary.weights[number])
