"""From a shopper's words to a tantivy query; user text never reaches the query parser."""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import tantivy

from shelfwise.plurals import other_numbers
from shelfwise.units import NUMBER_AND_LETTERS
from shelfwise.words import FUNCTION_WORDS, WRITTEN, unspaced
from shelfwise_retriever.accents import Accents
from shelfwise_retriever.spelling import Fits, Spelling, is_letters
from shelfwise_retriever.words import SCORED, SPELLING, WORDS, Stems, words

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

TOGETHER, MOST_AROUND = 0.5, 8
"""How much it counts that a word stands together with the others of the question in products, and how many are looked at."""

MOST_PAIRS = 16
"""For a character alone the most frequent pairs that have it are looked up, as guesses: «茶» is in «緑茶» and in «紅茶»."""

SHORTEST_OTHER = 5
"""Letters of a word that is known only because the catalog has its other number."""

ENDINGS = ("s", "es", "d", "ed", "r", "er", "ers", "ing", "y")
"""What makes other forms of a word."""


class Term(NamedTuple):
    """What a term that is looked up counts. Of the terms of a `pair`, numbered from 1, either the one that is `joined` counts
    in a document or the others together, whichever is worth more: «T-shirt, a Tshirt» is no better than «T-shirt»."""

    weight: float
    pair: int = 0
    joined: bool = False


class Clause(NamedTuple):
    """One term in one field. `constant`: documents that have it get `boost`; else `boost` × BM25. See Term for the others."""

    field: str
    term: str
    boost: float
    constant: bool = False
    pair: int = 0
    joined: bool = False


class QueryBuilder:
    """Knows the catalog's words: which field has which, how rare each is, how each is spelled."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, known_words: Collection[str] = ()) -> None:
        """`known_words` of the language are never corrected, nor are other forms of them."""
        self._schema = schema
        self._searcher = searcher
        self._stems = Stems()
        self._fields = [(field, {term for term, _ in searcher.terms_with_prefix(field.name, "")}) for field in SCORED]
        self._documents = searcher.num_docs
        self._idf = {term: rarity(count, self._documents) for term, count in searcher.terms_with_prefix(WORDS, "")}
        self._pairs: dict[str, list[str]] = {}
        for term in sorted((term for term in self._idf if not term.isascii()), key=self._idf.__getitem__):
            self._learn_pair(term)
        self._language = frozenset(known_words)
        self._accents = Accents(dict(searcher.terms_with_prefix(SPELLING, "")))
        having = self._in_both_numbers(self._accents.plain)
        typed = {word: having[meant] for word, meant in self._accents.two_letters.items()}
        self._spelling = Spelling((typed | having).items())
        self._known = frozenset(self._stems.of_words(known_words))

    def query(self, clauses: Iterable[Clause]) -> tantivy.Query:
        """What `clauses` say, for tantivy."""
        found: list[tantivy.Query] = []
        pairs: dict[int, tuple[list[tantivy.Query], list[tantivy.Query]]] = {}
        for clause in clauses:
            (pairs.setdefault(clause.pair, ([], []))[clause.joined] if clause.pair else found).append(self._scored(clause))
        either = [tantivy.Query.disjunction_max_query([_sum(side) for side in pair if side]) for pair in pairs.values()]
        return _sum([*found, *either])

    def clauses(self, text: str, as_meant: Collection[str] = ()) -> list[Clause]:
        """What is looked up for `text`, its misspelt words corrected, which none of `as_meant` is; nothing when the catalog has
        none of its words."""
        clauses: list[Clause] = []
        for term, (weight, pair, joined) in self.terms(text, as_meant).items():
            clauses += [
                Clause(field.name, term, field.boost * weight, pair=pair, joined=joined)
                for field, terms in self._fields
                if term in terms
            ]
            worth = weight * COVERAGE * math.sqrt(self._idf[term])
            clauses.append(Clause(WORDS, term, worth, constant=True, pair=pair, joined=joined))
        return clauses

    def corrected(self, text: str, as_meant: Collection[str] = ()) -> str | None:
        """`text` with its misspelt words as they were most likely meant, accents as in the catalog, the rest as it is; None
        when there are none.

        A word that the catalog or the language has, in whatever form, is never changed, nor is one of `as_meant`, nor one that
        nothing is near to. A number that is written together with letters («16oz») is looked up taken apart, but it is no slip.
        """
        changed = False
        kept = frozenset(words(" ".join(as_meant)))
        fits = self._going_with(text)

        def meant(found: re.Match[str]) -> str:
            nonlocal changed
            written = words(found[0])
            if len(written) != 1 or not is_letters(written[0]) or written[0] in kept:
                return found[0]
            if (parts := self._meant(written[0], fits)) is None:
                return found[0]
            changed = True
            return " ".join(map(self._accents.written, parts))

        right = WRITTEN.sub(meant, text)
        return right if changed else None

    def learn(self, stems: Mapping[str, Collection[str]], written: Iterable[str]) -> None:
        """The words of a document that came later: from now on they are meant as they are written.

        `stems`: the terms of each scored field. That slips of a word are corrected to it takes until the next compaction.
        """
        for field, terms in self._fields:
            for term in stems[field.name]:
                terms.add(term)
                if term not in self._idf:
                    self._learn_pair(term)
                self._idf.setdefault(term, rarity(1, self._documents + 1))
        self._spelling.learn(written)

    def terms(self, text: str, as_meant: Collection[str] = ()) -> dict[str, Term]:
        """The index terms that are looked up, each with what it counts."""
        written, kept = words(text), frozenset(words(" ".join(as_meant)))
        stems = self._stems.of_words(written)
        telling = any(word not in FUNCTION_WORDS for word in written)
        found: dict[str, Term] = {}
        meant: list[str] = []
        for word, stem in zip(written, stems, strict=True):
            parts = [word]
            if len(unspaced(word)) == 1 and (len(written) == 1 or stem not in self._idf):
                found |= dict.fromkeys(self._pairs.get(word, ())[:MOST_PAIRS], Term(CORRECTED))
            if stem in self._idf:
                amount = NUMBER_AND_LETTERS.fullmatch(word)
                # «64gb» is looked up as «64 gb», which is looked up as one word as well; «20a» is not «20» and «a».
                apart = list(amount.groups()) if amount and amount[2] not in FUNCTION_WORDS else []
                terms = self._stems.of_words(apart) if apart else []
                if terms and all(term in self._idf for term in terms):
                    parts = apart
                    found |= dict.fromkeys(terms, Term(EXACT))
                elif not (telling and word in FUNCTION_WORDS):
                    found[stem] = Term(EXACT)
            elif word not in kept and (corrected := self._meant(word)) is not None:
                parts = corrected
                # Taken apart it is still what was written, otherwise a guess.
                for term in self._stems.of_words(parts):
                    if term in self._idf:
                        found.setdefault(term, Term(CORRECTED if len(parts) == 1 else EXACT))
            meant += parts
        for number, (term, *both) in enumerate(dict.fromkeys(self._written_together(meant)), start=1):
            for part in both:
                if part in found and not found[part].pair:
                    found[part] = found[part]._replace(pair=number)
            found[term] = Term(JOINED, number, joined=True)
        if len(found) > MOST_WORDS:
            rarest = sorted(found, key=self._idf.__getitem__, reverse=True)[:MOST_WORDS]
            found = {term: found[term] for term in rarest}
        return found

    def _learn_pair(self, term: str) -> None:
        """Each character of a pair may be asked for alone."""
        characters = unspaced(term)
        if len(characters) > 1:
            for character in dict.fromkeys(characters):
                self._pairs.setdefault(character, []).append(term)

    def _in_both_numbers(self, having: dict[str, int]) -> dict[str, int]:
        """`having` (word: documents that have it) with the other number of each word, where the language has it: where titles
        say «Batteries», «batery» is no slip for «bakery». Short ones are near to too many other words («Käse» to «vase»)."""
        others = [
            (other, word)
            for word in having
            for other in other_numbers(word)
            if len(other) >= SHORTEST_OTHER and other in self._language
        ]
        stems = zip(*(self._stems.of_words(words) for words in zip(*others, strict=True)), strict=True) if others else ()
        alike = (pair for pair, (one, other) in zip(others, stems, strict=True) if one == other)
        return {other: having[word] for other, word in alike} | having

    def _meant(self, word: str, fits: Fits | None = None) -> list[str] | None:
        """What a word, as it is written, was meant to be; None where it is meant as it is, or nothing is near."""
        two_letters = self._accents.two_letters
        if word in two_letters:
            return [two_letters[word]]
        if self._spelling.knows(word) or word in self._language:
            return None
        parts = [two_letters.get(part, part) for part in self._spelling.corrected(word, fits)]
        stem = self._stems.of_words([word])[0]
        if (stem in self._idf or stem in self._known) and not self._misspelt_form(word, stem, parts):
            return None
        return parts or None

    def _misspelt_form(self, word: str, stem: str, parts: list[str]) -> bool:
        """«ventillation» has the stem of «ventilation», but is no form of it as «ventilations» is; no more is «garag»."""
        return len(parts) == 1 and self._stems.of_words(parts) == [stem] and word not in {parts[0] + end for end in ENDINGS}

    def _going_with(self, text: str) -> Fits:
        """Words that stand together in many products with the known words of `text` fit it best."""
        around: list[str] | None = None

        def fits(word: str) -> float:
            nonlocal around
            if around is None:  # few texts need it
                written = words(text)
                known = (
                    stem
                    for word, stem in zip(written, self._stems.of_words(written), strict=True)
                    if word not in FUNCTION_WORDS
                )
                around = [stem for stem in dict.fromkeys(known) if stem in self._idf][:MOST_AROUND]
            if not around:
                return 0.0
            term = self._stems.of_words([word])[0]
            return TOGETHER * sum(math.log1p(self._having_both(term, other)) for other in around) / len(around)

        return fits

    def _having_both(self, one: str, other: str) -> int:
        """How many documents have both terms; those that came after the index was built are not counted."""
        both = [(tantivy.Occur.Must, tantivy.Query.term_query(self._schema, WORDS, term)) for term in (one, other)]
        found: Any = self._searcher.search(tantivy.Query.boolean_query(both), 1, count=True)
        return int(found.count)

    def _written_together(self, written: list[str]) -> list[tuple[str, str, str]]:
        """(what neighbouring words make when the catalog writes them as one, in any form; the one; the other). Two numbers
        are none: «1.5» is not «15»."""
        if len(written) < 2:
            return []
        pairs = [
            (one + other, one, other)
            for one, other in pairwise(written)
            if not FUNCTION_WORDS & {one, other} and not (one[-1].isdigit() and other[0].isdigit())
        ]
        stems = iter(self._stems.of_words(word for pair in pairs for word in pair))
        return [pair for pair in zip(stems, stems, stems, strict=True) if pair[0] in self._idf]

    def _scored(self, clause: Clause) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, clause.field, clause.term)
        if clause.constant:
            return tantivy.Query.const_score_query(query, clause.boost)
        return query if clause.boost == 1 else tantivy.Query.boost_query(query, clause.boost)


def _sum(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    """Documents that answer any of them, each with the sum of its scores."""
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def rarity(having: int, documents: int) -> float:
    """BM25's idf of a term that `having` of `documents` have."""
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))
