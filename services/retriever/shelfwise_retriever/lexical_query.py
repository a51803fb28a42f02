"""Turns a shopper's words into a tantivy query; user text never reaches the query parser."""

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
from shelfwise_retriever.words import GRAMS, SCORED, SPELLING, WORDS, Stems, words

MOST_WORDS = 32
"""Of a longer text only the rarest words are looked up, which bounds the work of one request."""

COVERAGE = 2.0
"""A document that has a word at all scores COVERAGE × sqrt(idf) in addition to BM25.

With tantivy's fixed k1 = 1.2 and b = 0.75, BM25 ranks a short document with some of the words above a longer one with all of
them. This bonus corrects it as k1 = 0.6 and b = 0.5 would: on judged queries that were not used to choose it, NDCG@10 rises
from .378 to .392, and to .411 with corrected spelling.
"""

EXACT, CORRECTED, JOINED = 1.0, 0.7, 2.0
"""Weights of terms: a term of the query; a correction, which is a guess; and a term that joins two words, as the catalog writes
them ("tooth paste"). The last counts more, so that products with one of the words do not rank above products with both."""

TOGETHER, MOST_AROUND = 0.5, 8
"""The weight of how often a word occurs in products with the question's other words, and how many of these are considered."""

MOST_PAIRS = 16
"""For a lone character, the most frequent pairs that contain it are looked up as guesses: "茶" is in "緑茶" and in "紅茶"."""

MOSTLY = 2
"""A word is searched as two if more than this many times as many titles write it so as write it as one."""

SHORTEST_OTHER = 5
"""Minimum letters of a word that is known only because the catalog has its other number (singular or plural)."""

ENDINGS = ("s", "es", "d", "ed", "r", "er", "ers", "ing", "y")
"""Endings that make other forms of a word."""


class Term(NamedTuple):
    """The weight of a term that is looked up. Terms of one `pair`, numbered from 1, are alternatives: in a document either the
    `joined` term counts or the others together, whichever scores more. So "T-shirt, a Tshirt" is no better than "T-shirt"."""

    weight: float
    pair: int = 0
    joined: bool = False


class Clause(NamedTuple):
    """One term in one field. A document that has it scores `boost` if `constant`, else `boost` × BM25. Rest: see `Term`."""

    field: str
    term: str
    boost: float
    constant: bool = False
    pair: int = 0
    joined: bool = False


class QueryBuilder:
    """Knows the catalog's words: the fields that have each word, its rarity and its spelling."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, known_words: Collection[str] = ()) -> None:
        """`known_words`: words of the language; neither they nor other forms of them are corrected."""
        self._schema = schema
        self._searcher = searcher
        self._stems = Stems()
        self._fields = [(field, {term for term, _ in searcher.terms_with_prefix(field.name, "")}) for field in SCORED]
        self._of_brands = next(terms for field, terms in self._fields if field.name == "brand")
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
        """The tantivy query for `clauses`."""
        found: list[tantivy.Query] = []
        pairs: dict[int, tuple[list[tantivy.Query], list[tantivy.Query]]] = {}
        for clause in clauses:
            (pairs.setdefault(clause.pair, ([], []))[clause.joined] if clause.pair else found).append(self._scored(clause))
        either = [tantivy.Query.disjunction_max_query([_sum(side) for side in pair if side]) for pair in pairs.values()]
        return _sum([*found, *either])

    def clauses(self, text: str, as_meant: Collection[str] = ()) -> list[Clause]:
        """The clauses for `text`, with misspelt words corrected except those in `as_meant`; empty if the catalog has none of
        its words."""
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

    def corrected(self, text: str, as_meant: Collection[str] = (), *, apart: bool = True) -> str | None:
        """`text` with its misspelt words as most likely meant and with the catalog's accents, the rest unchanged; None if no
        word is misspelt.

        Never changed: a word that the catalog or the language has in any form, a word in `as_meant`, and a word without a near
        match. The exception is a word that only the catalog has and that most titles write as two ("icecream"): with `apart` it
        becomes two. A number written together with letters ("16oz") is looked up as two parts, but is not misspelt.
        """
        changed = False
        kept = frozenset(words(" ".join(as_meant)))
        fits = self._going_with(text)

        def meant(found: re.Match[str]) -> str:
            nonlocal changed
            written = words(found[0])
            if len(written) != 1 or not is_letters(written[0]) or written[0] in kept:
                return found[0]
            if (parts := self._meant(written[0], fits, apart=apart)) is None:
                return found[0]
            changed = True
            return " ".join(map(self._accents.written, parts))

        right = WRITTEN.sub(meant, text)
        return right if changed else None

    def learn(self, stems: Mapping[str, Collection[str]], written: Iterable[str]) -> None:
        """Add the words of a later document; from now on they are never corrected.

        `stems`: the terms of each scored field. Misspellings are not corrected to these words until the next compaction.
        """
        for field, terms in self._fields:
            for term in stems[field.name]:
                terms.add(term)
                if term not in self._idf:
                    self._learn_pair(term)
                self._idf.setdefault(term, rarity(1, self._documents + 1))
        self._spelling.learn(written)

    def terms(self, text: str, as_meant: Collection[str] = ()) -> dict[str, Term]:
        """The index terms that are looked up, with the weight of each."""
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
                # "64gb" is looked up as "64 gb", which is also looked up as one word; "20a" is not "20" and "a".
                apart = list(amount.groups()) if amount and amount[2] not in FUNCTION_WORDS else []
                terms = self._stems.of_words(apart) if apart else []
                if terms and all(term in self._idf for term in terms):
                    parts = apart
                    found |= dict.fromkeys(terms, Term(EXACT))
                elif not (telling and word in FUNCTION_WORDS):
                    found[stem] = Term(EXACT)
            elif word not in kept and (corrected := self._meant(word)) is not None:
                parts = corrected
                # A word taken apart is still what was written; any other correction is a guess.
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
        """Index a pair by each of its characters, since each may be asked for alone."""
        characters = unspaced(term)
        if len(characters) > 1:
            for character in dict.fromkeys(characters):
                self._pairs.setdefault(character, []).append(term)

    def _in_both_numbers(self, having: dict[str, int]) -> dict[str, int]:
        """`having` (word: number of documents) with the other number (singular or plural) of each word, if the language has it.
        If titles say "Batteries", "batery" is not corrected to "bakery". Short words have too many neighbours ("Käse" to
        "vase")."""
        others = [
            (other, word)
            for word in having
            for other in other_numbers(word)
            if len(other) >= SHORTEST_OTHER and other in self._language
        ]
        stems = zip(*(self._stems.of_words(words) for words in zip(*others, strict=True)), strict=True) if others else ()
        alike = (pair for pair, (one, other) in zip(others, stems, strict=True) if one == other)
        return {other: having[word] for other, word in alike} | having

    def _meant(self, word: str, fits: Fits | None = None, *, apart: bool = False) -> list[str] | None:
        """What `word` was meant to be; None if it is meant as written or nothing is near."""
        two_letters = self._accents.two_letters
        if word in two_letters:
            return [two_letters[word]]
        if word in self._language:
            return None
        if self._spelling.knows(word):
            return self._mostly_apart(word) if apart else None
        parts = [two_letters.get(part, part) for part in self._spelling.corrected(word, fits)]
        stem = self._stems.of_words([word])[0]
        if (stem in self._idf or stem in self._known) and not self._misspelt_form(word, stem, parts):
            return None
        return parts or None

    def _mostly_apart(self, word: str) -> list[str] | None:
        """The two words that most titles write instead of `word` ("ice cream" for "icecream"); None if there are none, or if
        `word` is in a brand's name."""
        if self._stems.of_words([word])[0] in self._of_brands:
            return None
        for pair in self._spelling.more_often_apart(word):
            one, other = pair
            # The trigram across the space says that the two words stand side by side.
            terms = [*((WORDS, stem) for stem in self._stems.of_words(pair)), (GRAMS, f"{one[-1]} {other[0]}")]
            if self._having(terms) > MOSTLY * self._spelling.having(word):
                return list(pair)
        return None

    def _misspelt_form(self, word: str, stem: str, parts: list[str]) -> bool:
        """Whether `word` is a misspelt form: "ventillation" has the stem of "ventilation", but is no regular form of it as
        "ventilations" is. "garag" is none either."""
        return len(parts) == 1 and self._stems.of_words(parts) == [stem] and word not in {parts[0] + end for end in ENDINGS}

    def _going_with(self, text: str) -> Fits:
        """A function that scores a word by how many products have it together with the known words of `text`."""
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
            return TOGETHER * sum(math.log1p(self._having([(WORDS, term), (WORDS, other)])) for other in around) / len(around)

        return fits

    def _having(self, terms: Iterable[tuple[str, str]]) -> int:
        """How many documents have all terms, given as (field, term); documents added after the index was built are not
        counted."""
        every = [(tantivy.Occur.Must, tantivy.Query.term_query(self._schema, field, term)) for field, term in terms]
        found: Any = self._searcher.search(tantivy.Query.boolean_query(every), 1, count=True)
        return int(found.count)

    def _written_together(self, written: list[str]) -> list[tuple[str, str, str]]:
        """(joined stem, stem of the first word, stem of the second) for neighbouring words that the catalog writes as one, in
        any form. Two numbers are never joined: "1.5" is not "15"."""
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
    """A query for documents that match any of `queries`, scored with the sum of their scores."""
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def rarity(having: int, documents: int) -> float:
    """BM25's idf of a term that `having` of `documents` have."""
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))
