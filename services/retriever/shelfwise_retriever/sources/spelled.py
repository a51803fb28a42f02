"""Titles spelled like the question, by shared character trigrams.

Finds what no stemmer unites ("cordless" and "cord", "barbeque" and "barbecue", model numbers). Of two words, the longer one
counts more.
"""

import numpy as np

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.lexical_query import Clause
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.words import GRAMS, Grams

MOST_GRAMS = 48
"""Of a longer text only the rarest trigrams are looked up, which bounds the work of one request."""

LEAST = 0.35
"""Minimum score, as a share of that of a title that has every trigram of the question once; less is a chance overlap."""


class SpelledSource:
    """BM25 over character trigrams in the index of `LexicalSource`; follows every change there."""

    name = "spelled"

    def __init__(self, lexical: LexicalSource) -> None:
        self._lexical = lexical
        self._grams = Grams()

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        asked = set(self._grams.of(question.text)) if question.text else set()
        if not asked:
            return Hits.none()
        rarity = sorted(((self._lexical.rarity_of_gram(gram), gram) for gram in asked), reverse=True)[:MOST_GRAMS]
        least = LEAST * sum(idf for idf, _ in rarity)
        hits = self._lexical.having([Clause(GRAMS, gram, 1.0) for _, gram in rarity], allowed, limit, per_text, least)
        near = np.flatnonzero(hits.scores >= least)
        return Hits(hits.rows[near], hits.scores[near])

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        return None
