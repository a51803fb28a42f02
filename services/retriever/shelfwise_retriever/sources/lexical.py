"""Words: BM25 over title, brand and category, by tantivy."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.groups import RowGroups, Scores, places_within
from shelfwise_retriever.known_words import read_known_words
from shelfwise_retriever.lexical_files import opened
from shelfwise_retriever.lexical_query import QueryBuilder
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.words import register_analysis

_DEEPER = 2

Found = tuple[NDArray[np.int64], Scores]


class LexicalSource:
    """Finds documents (distinct title, brand and category) by their words; a found document stands for its rows.

    Documents were added in the order of their first row, into one segment, and tantivy gives ties to the lower document: so
    a document's address is its number, and ties go to the more popular product.
    """

    name = "lexical"

    def __init__(self, index: tantivy.Index, groups: RowGroups, texts: RowGroups, known_words: Collection[str] = ()) -> None:
        index.config_reader(reload_policy="manual")  # a bundle never changes: no thread that watches it
        index.reload()
        self._searcher = index.searcher()
        self._groups = groups
        self._texts = texts
        self._queries = QueryBuilder(self._searcher, index.schema, known_words)

    @classmethod
    def load(cls, folder: Path, groups: RowGroups, texts: RowGroups) -> "LexicalSource":
        """What `lexical_build.build_lexical` left in `folder`.

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

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        if per_text is None:
            return self._search(question, allowed, limit, None)
        # Documents of one text differ by brand, so the cut by text comes after a deeper search.
        hits = self._search(question, allowed, _DEEPER * limit, per_text)
        kept = np.flatnonzero(places_within(self._texts.of_row[hits.rows]) < per_text)[:limit]
        return Hits(hits.rows[kept], hits.scores[kept])

    def _search(self, question: Question, allowed: Allowed | None, limit: int, cap: int | None) -> Hits:
        query = self._queries.build(question.text) if question.text else None
        if query is None:
            return Hits(np.empty(0, np.int32), np.empty(0, np.float32))
        wanted = limit + (allowed.excluded if allowed else 0)
        if allowed is None:
            return Hits(*self._groups.expand(*self._best(query, wanted), limit, cap=cap))
        found = self._best(query, wanted) if allowed.filter is None else self._passing(query, wanted, allowed.filter)
        return Hits(*self._groups.expand(*found, limit, allowed.rows, allowed.barred, cap))

    def _best(self, query: tantivy.Query, depth: int) -> Found:
        hits = self._searcher.search(query, min(depth, self._groups.count), count=False).hits
        return np.array([address.doc for _, address in hits], np.int64), np.array([score for score, _ in hits], np.float32)

    def _passing(self, query: tantivy.Query, wanted: int, passing: FilterMask) -> Found:
        """The best `wanted` that pass; looks deeper until there are so many, or no more matches."""
        mask = passing.groups(self._groups)
        every = len(mask)
        left = len(passing.group_numbers(self._groups))
        depth = every if not left else min(every, int(1.5 * wanted * every / left))
        while left:
            numbers, scores = self._best(query, depth)
            kept = mask[numbers]
            if np.count_nonzero(kept) >= min(wanted, left) or len(numbers) < depth or depth == every:
                # All of them, not `wanted`: those that tie with the last may hold more popular rows.
                return numbers[kept], scores[kept]
            depth = min(every, depth * 4)
        return np.empty(0, np.int64), np.empty(0, np.float32)
