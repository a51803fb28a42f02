"""From a shopper's words to a tantivy query; user text never reaches the query parser."""

import math
from itertools import pairwise

import tantivy

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

_Clause = tuple[tantivy.Occur, tantivy.Query]


class QueryBuilder:
    """Knows the catalog's words: which field has which, how rare each is, how each is spelled."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema) -> None:
        self._schema = schema
        self._stems = stemmed_words()
        self._written = written_words()
        self._fields = [(field, frozenset(term for term, _ in searcher.terms_with_prefix(field.name, ""))) for field in SCORED]
        documents = searcher.num_docs
        self._idf = {
            term: math.log(1 + (documents - count + 0.5) / (count + 0.5))
            for term, count in searcher.terms_with_prefix(WORDS, "")
        }
        self._spelling = Spelling(searcher.terms_with_prefix(SPELLING, ""))

    def build(self, text: str) -> tantivy.Query | None:
        """A query for the words of `text`, misspelt ones corrected; None when the catalog has none of them."""
        terms = self.terms(text)
        if not terms:
            return None
        clauses: list[_Clause] = []
        for term in terms:
            self._add(clauses, term)
        return tantivy.Query.boolean_query(clauses)

    def terms(self, text: str) -> list[str]:
        """The index terms that are looked up, each once."""
        stems = self._stems.analyze(text)
        known = [stem for stem in stems if stem in self._idf]
        if len(known) < len(stems):
            known = self._corrected(text, stems)
        if len(stems) > 1:
            known += self._written_together(text)
        terms = list(dict.fromkeys(known))
        if len(terms) > MOST_WORDS:
            terms = sorted(terms, key=self._idf.__getitem__, reverse=True)[:MOST_WORDS]
        return terms

    def _corrected(self, text: str, stems: list[str]) -> list[str]:
        terms: list[str] = []
        for written, stem in zip(self._written.analyze(text), stems, strict=True):
            if stem in self._idf:
                terms.append(stem)
            else:
                terms += (term for word in self._spelling.corrected(written) for term in self._stems.analyze(word))
        return terms

    def _written_together(self, text: str) -> list[str]:
        """What neighbouring words make when the catalog writes them as one."""
        words = self._written.analyze(text)
        joined = (one + other for one, other in pairwise(words))
        return [term for word in joined if self._spelling.knows(word) for term in self._stems.analyze(word)]

    def _add(self, clauses: list[_Clause], term: str) -> None:
        query, should = tantivy.Query, tantivy.Occur.Should
        for field, terms in self._fields:
            if term in terms:
                scored = query.term_query(self._schema, field.name, term)
                clauses.append((should, scored if field.boost == 1 else query.boost_query(scored, field.boost)))
        has_it = query.term_query(self._schema, WORDS, term)
        clauses.append((should, query.const_score_query(has_it, COVERAGE * math.sqrt(self._idf[term]))))
