"""From a shopper's words to a tantivy query; user text never reaches the query parser."""

import math
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

import tantivy

from shelfwise_retriever.known_words import FUNCTION_WORDS
from shelfwise_retriever.spelling import Spelling
from shelfwise_retriever.words import SCORED, SPELLING, WORDS, stemmed_words, written_words

MOST_WORDS = 32
"""Of a longer text the rarest words are looked up; the work of one request stays bounded."""

COVERAGE = 2.0
"""What it is worth to have a word at all: COVERAGE × sqrt(idf), beside BM25.

BM25 with tantivy's fixed k1 = 1.2 and b = 0.75 lets a short document with a part of the words win over a longer one with all
of them. This makes up for it as k1 = 0.6 and b = 0.5 would: on judged queries that it was not chosen on, NDCG@10 rises from
.378 to .392, and to .411 with corrected spelling.
"""

EXACT, CORRECTED, JOINED = 1.0, 0.7, 2.0
"""What a term counts: one that is asked for; one that a slip was taken for, a guess; and one that stands for two words which
the catalog writes together («tooth paste»), so that products with one of them do not win over products with both."""


class Clause(NamedTuple):
    """One term in one field. `constant`: documents that have it get `boost`; else `boost` × BM25."""

    field: str
    term: str
    boost: float
    constant: bool = False


class QueryBuilder:
    """Knows the catalog's words: which field has which, how rare each is, how each is spelled."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, known_words: Collection[str] = ()) -> None:
        """`known_words` of the language are never corrected, nor are other forms of them."""
        self._schema = schema
        self._stems = stemmed_words()
        self._written = written_words()
        self._fields = [(field, {term for term, _ in searcher.terms_with_prefix(field.name, "")}) for field in SCORED]
        self._documents = searcher.num_docs
        self._idf = {term: rarity(count, self._documents) for term, count in searcher.terms_with_prefix(WORDS, "")}
        self._spelling = Spelling(searcher.terms_with_prefix(SPELLING, ""))
        self._known = frozenset(self._stems.analyze(" ".join(known_words)))

    def build(self, text: str) -> tantivy.Query | None:
        """A query for the words of `text`, misspelt ones corrected; None when the catalog has none of them."""
        clauses = self.clauses(text)
        return self.query(clauses) if clauses else None

    def query(self, clauses: Iterable[Clause]) -> tantivy.Query:
        """What `clauses` say, for tantivy."""
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._scored(clause)) for clause in clauses])

    def clauses(self, text: str) -> list[Clause]:
        """What is looked up for `text`, misspelt words corrected; nothing when the catalog has none of its words."""
        clauses: list[Clause] = []
        for term, weight in self.terms(text).items():
            clauses += [Clause(field.name, term, field.boost * weight) for field, terms in self._fields if term in terms]
            clauses.append(Clause(WORDS, term, weight * COVERAGE * math.sqrt(self._idf[term]), constant=True))
        return clauses

    def learn(self, stems: Mapping[str, Collection[str]], written: Iterable[str]) -> None:
        """The words of a document that came later: from now on they are meant as they are written.

        `stems`: the terms of each scored field. That slips of a word are corrected to it takes until the next compaction.
        """
        for field, terms in self._fields:
            for term in stems[field.name]:
                terms.add(term)
                self._idf.setdefault(term, rarity(1, self._documents))
        self._spelling.learn(written)

    def terms(self, text: str) -> dict[str, float]:
        """The index terms that are looked up, each with what it counts."""
        written, stems = self._written.analyze(text), self._stems.analyze(text)
        telling = any(word not in FUNCTION_WORDS for word in written)
        found: dict[str, float] = {}
        meant: list[str] = []
        for word, stem in zip(written, stems, strict=True):
            parts = [word]
            if stem in self._idf:
                if not (telling and word in FUNCTION_WORDS):
                    found[stem] = EXACT
            elif stem not in self._known and (corrected := self._spelling.corrected(word)):
                parts = corrected
                # Taken apart it is still what was written, otherwise a guess.
                for term in self._stems.analyze(" ".join(parts)):
                    if term in self._idf:
                        found.setdefault(term, CORRECTED if len(parts) == 1 else EXACT)
            meant += parts
        for term in self._written_together(meant):
            found[term] = JOINED
        if len(found) > MOST_WORDS:
            rarest = sorted(found, key=self._idf.__getitem__, reverse=True)[:MOST_WORDS]
            found = {term: found[term] for term in rarest}
        return found

    def _written_together(self, written: list[str]) -> list[str]:
        """What neighbouring words make when the catalog writes them as one, in any form."""
        if len(written) < 2:
            return []
        pairs = (one + other for one, other in pairwise(written) if not FUNCTION_WORDS & {one, other})
        return [term for term in self._stems.analyze(" ".join(pairs)) if term in self._idf]

    def _scored(self, clause: Clause) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, clause.field, clause.term)
        if clause.constant:
            return tantivy.Query.const_score_query(query, clause.boost)
        return query if clause.boost == 1 else tantivy.Query.boost_query(query, clause.boost)


def rarity(having: int, documents: int) -> float:
    """BM25's idf of a term that `having` of `documents` have."""
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))
