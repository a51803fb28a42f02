"""Lexical search: BM25 over title, brand and category with tantivy."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.groups import RowGroups, Rows, Scores, places_within
from shelfwise_retriever.known_words import read_known_words
from shelfwise_retriever.lexical_files import opened
from shelfwise_retriever.lexical_numbers import has_numbers, only_of, worth
from shelfwise_retriever.lexical_query import Clause, QueryBuilder, rarity
from shelfwise_retriever.live_documents import LiveDocuments
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.words import GRAM, GRAMS, SCORED, TITLE, WORDS, register_analysis, spaced, words

_DEEPER = 3
"""Search depth as a multiple of the limit, before the cut by text. With twice the limit, four searches of ten had to be
repeated deeper; with three times, one and a half of ten. The added depth costs a tenth more."""
_DEEPER_STILL = 4
_SPARE = 8
_ROUNDING = np.float32(1e-5)

Found = tuple[NDArray[np.int64], Scores]


class LexicalSource:
    """Finds documents (distinct title, brand and category) by their words; a found document stands for its rows.

    Documents were added in the order of their first row, into one segment, and tantivy puts the lower document first in a tie.
    So a document's address is its number, and ties go to the more popular product.
    """

    name = "lexical"

    def __init__(self, index: tantivy.Index, groups: RowGroups, texts: RowGroups, known_words: Collection[str] = ()) -> None:
        index.config_reader(reload_policy="manual")  # a bundle never changes: no watcher thread
        index.reload()
        self._searcher = index.searcher()
        self._groups = groups
        self._texts = texts
        self._built = groups.count
        self.known_words = known_words
        self._schema = index.schema
        self._numbered = has_numbers(index.schema)
        self._queries = QueryBuilder(self._searcher, index.schema, known_words)
        self._idf_of_gram = {gram: rarity(count, self._built) for gram, count in self._searcher.terms_with_prefix(GRAMS, "")}
        self._live: LiveDocuments | None = None

    @classmethod
    def load(cls, folder: Path, groups: RowGroups, texts: RowGroups) -> "LexicalSource":
        """Load what `lexical_build.build_lexical` wrote to `folder`.

        Raises:
            BundleDamaged: the index holds other documents than `groups`, or more than one segment.
        """
        with opened(folder) as index:
            register_analysis(index)
            source = cls(index, groups, texts, read_known_words(folder))
        found = source._searcher
        if (found.num_docs, found.num_segments) != (groups.count, min(1, groups.count)):
            raise BundleDamaged(
                f"expected a lexical index of {groups.count} documents in one segment, "
                f"found {found.num_docs} in {found.num_segments}; build the bundle again"
            )
        return source

    @property
    def live(self) -> int:
        """How many documents were added after the index was built."""
        return len(self._live) if self._live is not None else 0

    def expect_changes(self, texts: Sequence[tuple[str, ...]]) -> None:
        """Prepare for `add`; must be called before it. `texts`: those of the documents that the index was built from."""
        # Column by column: `zip(*texts)` is one call, during which every other thread waits.
        average = {
            field.name: _words_in([text[place] for text in texts]) / max(1, len(texts)) for place, field in enumerate(SCORED)
        }
        titles = [text[TITLE] for text in texts]
        average[GRAMS] = sum(max(0, len(spaced(title)) + 1 - GRAM) for title in titles) / max(1, len(titles))
        self._live = LiveDocuments(self._built, average, self._searcher.doc_freq)

    def add(self, texts: Sequence[str]) -> None:
        """Add a document (texts in the order of `SCORED`) with the next number; it is found from now on.

        Raises:
            RuntimeError: `expect_changes` was not called.
        """
        if self._live is None:
            raise RuntimeError("expected a lexical source that was made ready for changes; call expect_changes first")
        self._queries.learn(*self._live.add(texts))

    def rarity_of_gram(self, gram: str) -> float:
        """The idf of a character trigram among the titles of the index as built; for a trigram that only later titles have,
        among all titles."""
        known = self._idf_of_gram.get(gram)
        if known is not None:
            return known
        return self._live.rarity(GRAMS, gram) if self._live else rarity(0, self._built)

    def corrected(self, text: str, as_meant: Collection[str] = (), *, apart: bool = True) -> str | None:
        """`text` as most likely meant, with misspelt words corrected except those in `as_meant`; None if none is misspelt.
        `apart`: words that most titles write as two become two."""
        return self._queries.corrected(text, as_meant, apart=apart)

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        clauses = self._queries.clauses(question.text, question.as_meant) if question.text else []
        return self.having(clauses, allowed, limit, per_text)

    def having(
        self, clauses: Sequence[Clause], allowed: Allowed | None, limit: int, per_text: int | None, least: float = 0.0
    ) -> Hits:
        """As `search`, for the given clauses; hits that score below `least` may be incomplete."""
        if per_text is None:
            return self._search(clauses, allowed, limit, None)
        # Documents of one text differ by brand, so the cut by text follows a deeper search.
        depth = _DEEPER * limit
        while True:
            hits = self._search(clauses, allowed, depth, per_text)
            kept = np.flatnonzero(places_within(self._texts.of_row[hits.rows]) < per_text)[:limit]
            if len(kept) == limit or len(hits.rows) < depth or hits.scores[-1] < least:
                return Hits(hits.rows[kept], hits.scores[kept])
            depth *= _DEEPER_STILL

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        return None

    def _search(self, clauses: Sequence[Clause], allowed: Allowed | None, limit: int, cap: int | None) -> Hits:
        if not clauses:
            return Hits.none()
        query = self._queries.query(clauses)
        if allowed is not None and allowed.lenient:
            deeper = allowed.deeper(limit)
            found = self._documents(query, clauses, None, deeper)
            hits = self._rows(found, allowed, limit, cap)
            if len(hits.rows) == limit or len(found[0]) < deeper:
                return hits
        passing, excluded = (allowed.filter, allowed.excluded) if allowed else (None, 0)
        return self._rows(self._documents(query, clauses, passing, limit + excluded), allowed, limit, cap)

    def _documents(self, query: tantivy.Query, clauses: Sequence[Clause], passing: FilterMask | None, wanted: int) -> Found:
        """The best `wanted` documents that have a row in `passing`, by falling score; fewer only if no more match."""
        found = self._there(query, wanted) if passing is None else self._passing(query, clauses, wanted, passing)
        if self._live is not None and len(self._live):
            found = self._with_live(found, clauses, passing, wanted)
        return found

    def _rows(self, found: Found, allowed: Allowed | None, limit: int, cap: int | None) -> Hits:
        if allowed is None:
            return Hits(*self._groups.expand(*found, limit, cap=cap))
        return Hits(*self._groups.expand(*found, limit, allowed.rows, allowed.barred, cap))

    def _best(self, query: tantivy.Query, depth: int) -> Found:
        depth = min(depth, self._built)
        hits = self._searcher.search(query, depth, count=False).hits if depth else []
        return np.array([address.doc for _, address in hits], np.int64), np.array([score for score, _ in hits], np.float32)

    def _there(self, query: tantivy.Query, wanted: int) -> Found:
        """The best `wanted` documents of the built index that still have products."""
        if not self._groups.empty:
            return self._best(query, wanted)
        depth = min(self._built, wanted + wanted * self._groups.empty // max(1, self._built) + _SPARE)
        while True:
            numbers, scores = self._best(query, depth)
            there = self._groups.sizes[numbers] > 0
            if there.all():
                return numbers, scores
            if np.count_nonzero(there) >= wanted or len(numbers) < depth or depth == self._built:
                return numbers[there], scores[there]
            depth = min(self._built, depth * _DEEPER_STILL)

    def _with_live(self, found: Found, clauses: Sequence[Clause], passing: FilterMask | None, wanted: int) -> Found:
        """`found` merged with the later documents, by falling score; those that cannot be among the best are left out."""
        assert self._live is not None  # noqa: S101 - the caller looked
        least = found[1][wanted - 1] * (1 - _ROUNDING) if len(found[1]) >= wanted else 0.0
        places, scores = self._live.search(clauses, float(least))
        numbers = places + self._built
        if len(numbers) and (passing is not None or self._groups.empty):
            there = self._groups.sizes[numbers] > 0 if passing is None else passing.groups(self._groups)[numbers]
            if not there.all():
                numbers, scores = numbers[there], scores[there]
        if not len(numbers):
            return found
        numbers = np.concatenate([found[0], numbers])
        scores = np.concatenate([found[1], _snapped(scores, found[1])])
        order = np.argsort(-scores, kind="stable")
        return numbers[order], scores[order]

    def _passing(self, query: tantivy.Query, clauses: Sequence[Clause], wanted: int, passing: FilterMask) -> Found:
        """The best `wanted` documents that pass the filter: search deeper until there are enough, or no more match. If that may
        examine far more documents than pass, search only those that pass."""
        mask = passing.groups(self._groups)[: self._built]
        allowed = passing.group_numbers(self._groups)
        every, left = len(mask), int(np.searchsorted(allowed, len(mask)))
        if not left:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        few = worth(left) if self._numbered and worth(left) < self._matching(clauses) else every
        depth = min(every, int(1.5 * wanted * every / left))
        while depth <= few:
            numbers, scores = self._best(query, depth)
            kept = mask[numbers]
            if np.count_nonzero(kept) >= min(wanted, left) or len(numbers) < depth or depth == every:
                # All of them, not only `wanted`: those that tie with the last may hold more popular rows.
                return numbers[kept], scores[kept]
            depth = min(every, depth * _DEEPER_STILL)
        return self._best(only_of(self._schema, query, allowed[:left].tolist()), left)

    def _matching(self, clauses: Sequence[Clause]) -> int:
        """At most how many documents have one of the terms."""
        # Every term of a scored field is in `WORDS` as well.
        return sum(self._searcher.doc_freq(field, term) for field, term, *_ in clauses if field in (WORDS, GRAMS))


def _snapped(scores: Scores, to: Scores) -> Scores:
    """`scores`, each replaced by the score in `to` (falling) that differs from it only by rounding, so that ties stay ties."""
    if not len(to) or not len(scores):
        return scores
    rising = to[::-1]
    # The lowest score in `to` that is not below by more than rounding; if all are below, one that is too far away to match.
    near = rising[np.minimum(np.searchsorted(rising, scores * (1 - _ROUNDING)), len(rising) - 1)]
    return np.where(np.abs(near - scores) <= _ROUNDING * scores, near, scores)


def _words_in(texts: Sequence[str]) -> int:
    # Brands and categories repeat often.
    return sum(times * len(words(text)) for text, times in Counter(texts).items())
