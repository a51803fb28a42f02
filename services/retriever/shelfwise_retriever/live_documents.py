"""Documents added after the lexical index was built, scored exactly as tantivy scores the documents in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from struct import Struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.groups import Scores
from shelfwise_retriever.lexical_query import Clause, rarity
from shelfwise_retriever.words import GRAMS, SCORED, TITLE, WORDS, Grams, Stems, words

K1, B = 1.2, 0.75
"""tantivy's own values, which cannot be configured."""

_EXACT, _OFFSET, _BITS = 40, 24, 4
"""tantivy stores lengths up to `_EXACT` exactly. For a longer one, it keeps the `_BITS` leading bits of `length - _OFFSET`."""

_ENTRY = np.dtype([("place", np.int32), ("weight", np.float32)])
_PACKED = Struct("=if")

_LEAST = 1e-30
"""Below the score of any document that has one of the terms."""

Analyzed = tuple[dict[str, Counter[str]], list[str]]


class LiveDocuments:
    """An in-memory inverted index of a few thousand documents; a compaction moves them into the next tantivy index.

    A second tantivy index would score with statistics of its own few documents (an idf of 0.3 where the catalog has 5). Writing
    to the built index costs 4 ms per commit and changes its document numbers. Here, adding a document takes 20 µs, it is found
    at once, and it is scored with the catalog's statistics.
    """

    def __init__(self, documents: int, average: dict[str, float], frequency: Callable[[str, str], int]) -> None:
        """
        Args:
            documents: number of documents in the built index.
            average: their mean number of terms, by scored field and for `GRAMS`.
            frequency: returns how many of them have a (field, term).
        """
        self._documents = max(1, documents)
        self._average = average
        self._frequency = frequency
        self._stems, self._grams = Stems(), Grams()
        self._postings: dict[tuple[str, str], _Posting] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, texts: Sequence[str]) -> Analyzed:
        """Add a document (texts in the order of `SCORED`), numbered by arrival; return its terms by field, and its words."""
        stems = {field.name: Counter(self._stems.of(text)) for field, text in zip(SCORED, texts, strict=True)}
        spelled = Counter(self._grams.of(texts[TITLE]))
        for name, terms in (*stems.items(), (GRAMS, spelled)):
            length = as_kept(sum(terms.values())) / (self._average[name] or 1.0)
            for term, times in terms.items():
                self._post((name, term), times * (1 + K1) / (times + K1 * (1 - B + B * length)))
        for term in {term for terms in stems.values() for term in terms}:
            self._post((WORDS, term), 1.0)
        self._count += 1
        return stems, [word for text in texts for word in words(text)]

    def rarity(self, field: str, term: str) -> float:
        """The idf that scores a term: that of the built index or, for a term that is not in it, the idf among all present
        documents."""
        posting = self._postings.get((field, term))
        return rarity(0, self._documents + self._count) if posting is None else self._idf(posting)

    def search(self, clauses: Iterable[Clause], least: float = 0.0) -> tuple[NDArray[np.int64], Scores]:
        """Every document that has one of the terms and scores at least `least`, by arrival, with its score."""
        sides: dict[tuple[int, bool], _Side] = {}
        for clause in clauses:
            posting = self._postings.get((clause.field, clause.term))
            if posting is not None:
                side = sides.setdefault((clause.pair, clause.joined), _Side([], []))
                side.entries.append(posting.entries)
                side.factors.append(clause.boost * (1.0 if clause.constant else self._idf(posting)))
        if not sides:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores = np.zeros(self._count)
        if (alone := sides.pop((0, False), None)) is not None:
            scores += alone.scores(self._count)
        for pair in {pair for pair, _ in sides}:
            either = [side.scores(self._count) for (number, _), side in sides.items() if number == pair]
            scores += np.maximum.reduce(either)
        kept = (scores >= (least or _LEAST)).nonzero()[0]
        return kept, scores[kept].astype(np.float32)

    def _idf(self, posting: "_Posting") -> float:
        return posting.idf or rarity(posting.documents, self._documents + self._count)

    def _post(self, key: tuple[str, str], weight: float) -> None:
        posting = self._postings.get(key)
        if posting is None:
            having = self._frequency(*key)
            idf = rarity(having, self._documents) if having else None
            posting = self._postings[key] = _Posting(bytearray(), idf)
        posting.entries.extend(_PACKED.pack(self._count, weight))


def as_kept(length: int) -> int:
    """A document's number of terms as tantivy stores it in a byte: from 40 on rounded down, to 42, 44, … 60, 64, …"""
    if length <= _EXACT:
        return length
    above = length - _OFFSET
    coarse = above.bit_length() - _BITS
    return _OFFSET + (above >> coarse << coarse)


class _Side(NamedTuple):
    """The postings of terms that are summed, and the factor of each term."""

    entries: list[bytearray]
    factors: list[float]

    def scores(self, count: int) -> NDArray[np.float64]:
        """[count] by document."""
        # All postings at once: a numpy call costs more than the few documents of one posting.
        entries = np.frombuffer(b"".join(self.entries), _ENTRY)
        factor = np.array(self.factors, np.float32).repeat([len(each) // _ENTRY.itemsize for each in self.entries])
        return np.asarray(np.bincount(entries["place"], entries["weight"] * factor, count), np.float64)


class _Posting(NamedTuple):
    """The documents that have a term, each with BM25's weight of its term frequency. They are packed in one buffer, because a
    search finds them in no CPU cache. `idf`: the term's idf in the built index, if it has the term."""

    entries: bytearray
    idf: float | None

    @property
    def documents(self) -> int:
        return len(self.entries) // _ENTRY.itemsize
