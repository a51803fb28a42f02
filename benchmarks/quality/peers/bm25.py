"""BM25 over titles, by the library `bm25s`."""

from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer

from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.protocol import Known, Question

WORD = r"(?u)\b\w+\b"
"""Words, including single digits: shoppers search for sizes."""


class Bm25(ScoringPeer):
    """English stems, no stop words. k1 and b are the best for short titles (bm25s has 1.5 and 0.75, made for articles)."""

    def __init__(self, k1: float = 0.6, b: float = 0.5) -> None:
        super().__init__("BM25 (bm25s)")
        self._k1, self._b = k1, b
        self._stemmer = Stemmer.Stemmer("english")

    def learn(self, known: Known) -> None:
        self._index = bm25s.BM25(k1=self._k1, b=self._b)
        self._index.index(self._tokens(self.items.texts), show_progress=False)
        self._vocabulary = self._index.vocab_dict

    def scores(self, questions: Sequence[Question]) -> Scores:
        asked = self._tokens([one.text or "" for one in questions])
        return np.stack([self._scores([word for word in words if word in self._vocabulary]) for words in asked])

    def _scores(self, words: list[str]) -> Scores:
        if not words:
            return np.zeros(len(self.items), dtype=np.float32)
        return np.asarray(self._index.get_scores(words), dtype=np.float32)

    def _tokens(self, texts: list[str]) -> list[list[str]]:
        found: list[list[str]] = bm25s.tokenize(
            texts, token_pattern=WORD, stopwords=[], stemmer=self._stemmer, return_ids=False, show_progress=False
        )
        return found
