"""The retriever: sources, filter, union, order. The same class serves requests and makes training examples."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.filter import Filter
from shelfwise.contracts.retrieve import PER_TEXT, QuestionKind
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.errors import InvalidRequest
from shelfwise_retriever import frame
from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.documents import documents_of
from shelfwise_retriever.filters import Filters
from shelfwise_retriever.fusion import Fusion, read_fusion
from shelfwise_retriever.groups import RowGroups, Rows, Scores
from shelfwise_retriever.mask_cache import MaskCache
from shelfwise_retriever.reasons import why_fewer
from shelfwise_retriever.sources.base import Hits, Question, Source
from shelfwise_retriever.sources.dense import DenseSource
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.vectors import Vectors, read_vectors

VECTORS_FILE = "vectors.safetensors"
LEXICAL_FOLDER = "lexical"
DEFAULT_MASK_BYTES = 32 * 1024 * 1024

_SLACK = 8


@dataclass(frozen=True, slots=True)
class Candidates:
    """The union of what the sources found, in columns, best first by `order`."""

    rows: NDArray[np.int32]
    ids: list[str]
    scores: dict[str, NDArray[np.float32]]  # NaN: this source did not find it
    order: NDArray[np.float32]
    why_fewer: str | None


class Retriever:
    """Finds candidates; safe to use from several threads."""

    def __init__(
        self,
        catalog: Catalog,
        filters: MaskCache,
        vectors: Vectors,
        texts: RowGroups,
        dense: DenseSource,
        others: Sequence[Source],
        fusion: Fusion,
    ) -> None:
        self.catalog = catalog
        self._filters = filters
        self._vectors = vectors
        self._texts = texts
        self._dense = dense
        self._others = others
        self._fusion = fusion

    @property
    def space(self) -> VectorSpace:
        """The space that a question's vector must come from."""
        return self._vectors.space

    @classmethod
    def open(cls, path: Path, mask_bytes: int = DEFAULT_MASK_BYTES) -> "Retriever":
        """Open the `catalog` part of a bundle.

        Args:
            path: the folder that `build_catalog` filled.
            mask_bytes: memory for the masks of recent filters.

        Raises:
            BundleDamaged: the files do not belong together.
        """
        products = frame.read(path / frame.FILE)
        vectors, texts = read_vectors(path / VECTORS_FILE, products.height)
        documents = documents_of(products)
        lexical = LexicalSource.load(path / LEXICAL_FOLDER, documents.groups, texts)
        cache = MaskCache(Filters(products).mask, _mask_bytes(products.height, texts, documents.groups), mask_bytes)
        dense = DenseSource.load(path, vectors, texts)
        return cls(Catalog(products), cache, vectors, texts, dense, [lexical], read_fusion(path))

    def retrieve(
        self,
        *,
        kind: QuestionKind,
        text: str | None = None,
        vector: NDArray[np.float32] | None = None,
        seeds: Sequence[str] = (),
        filter: Filter | None = None,
        exclude: Collection[str] = (),
        only: Collection[str] | None = None,
        limit: int = 100,
        per_text: int | None = PER_TEXT,
    ) -> Candidates:
        """The union of the best `limit` of each source, with at most the `per_text` most popular products of the same text.

        A `text` question is asked by `text`, by `vector` ([dimension]), or both. A `product` question is asked by `seeds`
        alone: by the mean of their vectors and by their titles; seeds are never candidates. Every candidate gets its exact
        dense score, whoever found it, unless there is no vector.

        `only`: a caller's own list. Then its known products that are allowed are the candidates, all of them, whether a source
        finds them or not, and `limit` and `per_text` say nothing.

        Raises:
            UnknownProduct: a seed that the catalog does not hold. (An unknown id in `exclude` excludes nothing.)
            InvalidRequest: nothing is asked, an unknown attribute in `filter`, or a vector of another dimension.
        """
        seed_rows = [self.catalog.row(seed) for seed in seeds] if kind == "product" else []
        question = self._about(seed_rows) if kind == "product" else self._asked(text, vector)
        passing = self._filters.get(filter) if filter is not None else None
        if only is not None:
            passing = self._listed(only, passing)
            limit, per_text = max(1, passing.count), None
        allowed = self._allowed(passing, exclude, seed_rows)
        sources = (self._dense, *self._others)
        hits = {source.name: _search(source, question, allowed, limit, per_text) for source in sources}
        if only is not None and allowed is not None:
            rows = np.flatnonzero(allowed.rows).astype(np.int32)
        else:
            rows = np.unique(np.concatenate([found.rows for found in hits.values()]))
        scores = {name: _column(rows, *found) for name, found in hits.items()}
        if question.vector is not None:
            dense = scores[self._dense.name]
            others = np.isnan(dense)
            dense[others] = self._dense.scores_of(rows[others], question.vector)
        order = self._fusion.order(kind, scores)
        best = np.argsort(-order, kind="stable")  # rows ascend, so the more popular of equals is first
        return Candidates(
            rows=rows[best],
            ids=self.catalog.ids_of(rows[best]),
            scores={name: column[best] for name, column in scores.items()},
            order=order[best],
            why_fewer=why_fewer(len(rows), limit, passing, allowed),
        )

    def _listed(self, only: Collection[str], passing: FilterMask | None) -> FilterMask:
        """A mask of the listed products that pass."""
        mask = np.zeros(len(self.catalog), np.bool_)
        mask[self.catalog.known_rows(only)] = True
        if passing is None:
            return FilterMask(mask)
        return FilterMask(mask & passing.rows, passing.unknown)

    def _asked(self, text: str | None, vector: NDArray[np.float32] | None) -> Question:
        if text is None and vector is None:
            raise InvalidRequest("expected text, vector or both for a question of kind 'text', found neither")
        if vector is not None:
            vector = np.ascontiguousarray(vector, np.float32).reshape(-1)
            if len(vector) != self._vectors.dimension:
                raise InvalidRequest(f"expected a vector of {self._vectors.dimension} numbers, found {len(vector)}")
        return Question(text, vector)

    def _about(self, seed_rows: list[int]) -> Question:
        if not seed_rows:
            raise InvalidRequest("expected seeds for a question of kind 'product', found none; send at least one product id")
        texts = np.unique(self._texts.of_row[seed_rows]).astype(np.int64)
        return Question(" ".join(self.catalog.titles[row] for row in seed_rows), self._vectors.mean(texts))

    def _allowed(self, passing: FilterMask | None, exclude: Collection[str], seed_rows: list[int]) -> Allowed | None:
        if passing is None and not exclude and not seed_rows:
            return None
        if not exclude and not seed_rows:
            return Allowed(len(self.catalog), passing)
        excluded = np.union1d(self.catalog.known_rows(exclude), np.asarray(seed_rows, np.int32))
        return Allowed(len(self.catalog), passing, excluded.astype(np.int32))


def _search(source: Source, question: Question, allowed: Allowed | None, limit: int, per_text: int | None) -> Hits:
    """As `source.search`. A filter that nearly everything passes («in stock») is tried on a slightly deeper search first."""
    if allowed is not None and allowed.lenient:
        deeper = limit + limit // _SLACK + allowed.excluded
        found = source.search(question, None, deeper, per_text)
        kept = np.flatnonzero(allowed.rows[found.rows])[:limit]
        if len(kept) == limit or len(found.rows) < deeper:
            return Hits(found.rows[kept], found.scores[kept])
    return source.search(question, allowed, limit, per_text)


def _column(rows: Rows, found: Rows, found_scores: Scores) -> Scores:
    """The scores of `found` at their places among `rows` (ascending), NaN elsewhere."""
    column = np.full(len(rows), np.nan, np.float32)
    column[np.searchsorted(rows, found)] = found_scores
    return column


def _mask_bytes(rows: int, *groups: RowGroups) -> int:
    """The most memory that one mask can take, with the group masks and numbers that are derived from it."""
    return rows + sum(9 * grouped.count for grouped in groups)
