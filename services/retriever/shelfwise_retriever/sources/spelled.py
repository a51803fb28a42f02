"""Titles spelled like the question: what they have in common in runs of three characters.

It finds what no stemmer brings together («cordless» and «cord», «barbeque» and «barbecue», numbers of models), and of two words
the longer one counts more.
"""

import numpy as np

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.lexical_query import Clause
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.words import GRAMS, Grams

MOST_GRAMS = 48
"""Of a longer text the rarest are looked up; the work of one request stays bounded."""

LEAST = 0.35
"""Of the score of a title that has every run of the question once: what has less only happens to share some."""


class SpelledSource:
    """BM25 over character trigrams, in the index of the words; it follows whatever changes there."""

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
