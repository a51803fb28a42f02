"""The retriever: queries the sources, filters, merges and orders. One class serves requests and makes training examples."""

import sys
from collections.abc import Collection, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.filter import Filter
from shelfwise.contracts.history import History
from shelfwise.contracts.retrieve import EVERY_SOURCE, PER_TEXT, SOURCES, QuestionKind, looked_for
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.errors import BundleDamaged, InvalidRequest
from shelfwise_retriever import frame
from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.asking import Asking
from shelfwise_retriever.behavior import Behavior
from shelfwise_retriever.candidates import Candidates, best_first, scores_of, union
from shelfwise_retriever.catalog import Catalog
from shelfwise_retriever.chance import Chance, read_chance
from shelfwise_retriever.changes.changing import Changing
from shelfwise_retriever.distinct import distinct
from shelfwise_retriever.documents import documents_of
from shelfwise_retriever.filters import Filters
from shelfwise_retriever.fusion import Fusion, read_fusion
from shelfwise_retriever.groups import RowGroups, Rows
from shelfwise_retriever.indexes import Indexes, Numberings
from shelfwise_retriever.mask_cache import MaskCache
from shelfwise_retriever.shelves import Shelves
from shelfwise_retriever.sources.base import Hits, Question, Source
from shelfwise_retriever.sources.behavioral import behavioral
from shelfwise_retriever.sources.category import CategorySource
from shelfwise_retriever.sources.dense import DenseSource
from shelfwise_retriever.sources.judged import JudgedSource, Map, read_meaning
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.sources.spelled import SpelledSource
from shelfwise_retriever.vectors import Vectors, read_vectors
from shelfwise_retriever.why_fewer import unknown_listed, why_fewer

VECTORS_FILE = "vectors.safetensors"
LEXICAL_FOLDER = "lexical"
BEHAVIOR_FOLDER = "behavior"
DEFAULT_MASK_BYTES = 32 * 1024 * 1024


class Retriever:
    """Finds candidates. Thread-safe as long as the catalog does not change. If `changing` is set, only the event loop's thread
    may query or change the retriever."""

    def __init__(
        self,
        catalog: Catalog,
        filters: MaskCache,
        vectors: Vectors,
        texts: RowGroups,
        content: Sequence[Source],
        shelves: Shelves,
        behavior: Behavior,
        fusion: Fusion,
        meaning: Map | None = None,
        chance: Chance | None = None,
    ) -> None:
        """`content`: the sources that search texts, including `dense`. `meaning`: the map learned from judgements, if any."""
        self.catalog = catalog
        self.changing: Changing | None = None
        """Applies changes to the catalog; None unless the retriever was opened for changes."""
        self._filters = filters
        self._vectors = vectors
        self._texts = texts
        self._indexed = list(content)
        self._meaning = meaning
        self._shelves = shelves
        self._fusion = fusion
        self.chance = chance
        """The similarity below which a `dense` score means nothing; None if the bundle does not contain it."""
        self._learn(behavior)

    @property
    def space(self) -> VectorSpace:
        """The vector space that a question's vector must come from."""
        return self._vectors.space

    @classmethod
    def open(cls, path: Path, mask_bytes: int = DEFAULT_MASK_BYTES, last_change: int | None = None) -> "Retriever":
        """Open the `catalog` part of a bundle.

        Args:
            path: the folder that `build_catalog` filled.
            mask_bytes: memory for the masks of recent filters.
            last_change: the last change that the bundle contains. If given, the retriever is prepared for later changes, which
                costs some memory, and `changing` applies them.

        Raises:
            BundleDamaged: the files do not belong together.
        """
        products = frame.read(path / frame.FILE)
        vectors, texts = read_vectors(path / VECTORS_FILE, products.height)
        documents = documents_of(products)
        lexical = LexicalSource.load(path / LEXICAL_FOLDER, documents.groups, texts)
        filters = Filters(products)
        cache = MaskCache(filters.mask, partial(_mask_bytes, (texts.count, documents.groups.count)), mask_bytes)
        dense = DenseSource.load(path, vectors, texts)
        behavior = Behavior.load(path / BEHAVIOR_FOLDER)
        if behavior.count != products.height:
            raise BundleDamaged(
                f"{BEHAVIOR_FOLDER}: expected a behavior of {products.height} products, found one of {behavior.count}; "
                "build the bundle again"
            )
        retriever = cls(
            Catalog(products),
            cache,
            vectors,
            texts,
            [dense, lexical, SpelledSource(lexical)],
            Shelves.of(products),
            behavior,
            read_fusion(path),
            read_meaning(path, vectors.dimension),
            read_chance(path),
        )
        if last_change is not None:
            lexical.expect_changes(documents.texts)
            numberings = Numberings.of(products, texts, documents)
            indexes = Indexes(vectors, texts, documents.groups, dense, lexical, numberings)
            categories = retriever._sources[CategorySource.name]
            assert isinstance(categories, CategorySource)  # noqa: S101 - it was put there above
            retriever.changing = Changing(retriever.catalog, filters, cache, indexes, categories, last_change)
        return retriever

    @property
    def product_ids(self) -> Sequence[str]:
        """Product ids in the order of the catalog's rows; a behavior is fitted for this order."""
        return self.catalog.ids

    def with_behavior(self, behavior: Behavior) -> Self:
        """A retriever with the same catalog, vectors, words and filters but another behavior, such as that of an earlier time.

        Raises:
            ValueError: the behavior was fitted for another number of products.
        """
        if behavior.count != self._behavior.count:
            raise ValueError(f"expected a behavior of {self._behavior.count} products, found one of {behavior.count}")
        other = copy(self)
        other._learn(behavior)
        return other

    def with_judged(self, meaning: Map) -> Self:
        """A retriever that differs only in the map learned from judgements, [dimension, dimension]."""
        other = copy(self)
        other._meaning = meaning
        other._arrange()
        return other

    def vectors_of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the given products, [ids, dimension]; raises UnknownProduct."""
        rows = np.array([self.catalog.row(product_id) for product_id in ids], np.int32)
        return self._vectors.several(self._texts.of_row[rows].astype(np.int64))

    def use(self, indexes: Indexes) -> None:
        """Search `indexes` from now on. They hold the same products; a compaction calls this between two requests."""
        self._vectors, self._texts = indexes.vectors, indexes.texts
        self._indexed = [indexes.dense, indexes.lexical, SpelledSource(indexes.lexical)]
        self._arrange()
        self._filters.clear()

    def corrected(self, text: str, as_meant: Collection[str] = (), *, apart: bool = True) -> str | None:
        """`text` with its misspelt words replaced by words of the catalog; None if there is nothing to correct. Words in
        `as_meant` are never corrected. With `apart`, a word that most titles write as two becomes two; this helps to find
        products, which a caller's own list does not need.

        Embed the corrected text as well: an encoder does not know what a misspelt word means.
        """
        if self.catalog.find_typed(text) is not None:
            return None
        lexical = self._sources[LexicalSource.name]
        return lexical.corrected(text, as_meant, apart=apart) if isinstance(lexical, LexicalSource) else None

    def retrieve(
        self,
        *,
        kind: QuestionKind,
        text: str | None = None,
        vector: NDArray[np.float32] | None = None,
        seeds: Sequence[str] = (),
        history: History | None = None,
        sources: Sequence[str] | None = None,
        filter: Filter | None = None,
        exclude: Collection[str] = (),
        only: Collection[str] | None = None,
        limit: int = 100,
        per_text: int | None = PER_TEXT,
        as_meant: Collection[str] = (),
        also: Sequence[str] = (),
    ) -> Candidates:
        """The union of the best `limit` candidates of each source, scored by every source that knows a score for them.

        - A `text` question uses `text`, `vector` ([dimension]), or both. If the text is a product id, that product comes
          first, whether or not a source finds it; with `only`, it must be in the list.
        - A `product` or `together` question uses `seeds` alone: the mean of their vectors, their titles, and what goes with
          them. Seeds are never candidates.
        - A `user` question uses `history`; without one, it is answered with what is trending.

        Args:
            history: the shopper's history. Outside `user` questions, only the sources that need a history use it.
            sources: names of the sources to query; by default `SOURCES[kind]`.
            only: a caller's own list. The candidates are then all of its known and allowed products, whether or not a source
                finds them; `limit` and `per_text` are ignored.
            per_text: at most this many products with identical text, the most popular ones; for the sources that search texts.
            as_meant: words of the text that are looked up as written, even if the catalog has none of them.
            also: words and phrases that are looked up in addition to the text, as written.

        Raises:
            UnknownProduct: a seed is not in the catalog; for a `together` question, none of the seeds is. (Unknown ids in
                `exclude` are ignored.)
            InvalidRequest: nothing is asked, a source is unknown, this bundle has none of the sources, or the vector has
                another dimension.
        """
        asked = self._sources_of(sources if sources is not None else [name for name in SOURCES[kind] if name in self._sources])
        question = self._asking.question(kind, looked_for(text, also), vector, seeds, history, [*as_meant, *also])
        passing = self._filters.get(filter) if filter is not None else None
        if only is not None:
            passing = self._listed(only, passing)
            limit, per_text = max(1, passing.count), None
        allowed = self._allowed(passing, exclude, question.seeds)
        there = allowed
        if passing is None and self.catalog.gone:
            # Behavioral sources know the rows as they were when the bundle was built; some rows no longer hold a product.
            there = self._allowed(self._filters.get(Filter()), exclude, question.seeds)
        hits = [
            source.search(question, allowed, limit, per_text)
            if source in self._content
            else _search(source, question, there, limit)
            for source in asked
        ]
        named = self._named_row(text, allowed) if kind == "text" and text is not None else None
        rows = union(hits, named) if only is None or allowed is None else np.flatnonzero(allowed.rows).astype(np.int32)
        scores = {source.name: scores_of(source, question, rows, found) for source, found in zip(asked, hits, strict=True)}
        order = self._fusion.order(kind, scores)
        best = best_first(rows, order, named)
        if only is not None:
            why = unknown_listed(only, self.catalog.find)
        else:
            by_text = per_text is not None and any(source in self._content for source in asked)
            alike = self._alike(rows, allowed) if by_text and allowed is not None and len(rows) < limit else 0
            why = why_fewer(len(rows), limit, passing, allowed, alike)
        return Candidates(
            rows=rows[best],
            ids=self.catalog.ids_of(rows[best]),
            scores={name: column[best] for name, column in scores.items()},
            order=order[best],
            why_fewer=why,
            named=self.catalog.ids[named] if named is not None else None,
        )

    def _alike(self, rows: Rows, allowed: Allowed) -> int:
        """How many allowed products outside `rows` have the same text as one of `rows`."""
        texts = self._texts.of_row[rows]
        same = np.isin(self._texts.of_row, texts[texts >= 0]) & allowed.rows
        same[rows] = False
        return int(np.count_nonzero(same))

    def _learn(self, behavior: Behavior) -> None:
        """Use this behavior from now on."""
        self._behavior = behavior
        self._behavioral = behavioral(behavior, self._shelves)
        self._arrange()

    def _arrange(self) -> None:
        """Assemble the sources again after one of their parts was replaced."""
        self._content: list[Source] = list(self._indexed)
        if self._meaning is not None:
            near = next(source for source in self._indexed if source.name == DenseSource.name)
            self._content.append(JudgedSource(self._meaning, near))
        self._sources = {source.name: source for source in (*self._content, *self._behavioral)}
        self._asking = Asking(self.catalog, self._vectors, self._texts)

    def _sources_of(self, names: Sequence[str]) -> list[Source]:
        """The sources with these names that this bundle has; a bundle without judgements, for example, has no `judged`."""
        there = [name for name in dict.fromkeys(names) if name in self._sources]
        unknown = [name for name in names if name not in EVERY_SOURCE]
        if unknown or not there:
            known = ", ".join(self._sources)
            raise InvalidRequest(f"sources: expected some of {known}; found {', '.join(map(repr, unknown or names)) or 'none'}")
        return [self._sources[name] for name in there]

    def _named_row(self, text: str, allowed: Allowed | None) -> int | None:
        """The row of the product whose id is `text`, if it is allowed."""
        row = self.catalog.find_typed(text)
        return row if row is not None and (allowed is None or allowed.rows[row]) else None

    def _listed(self, only: Collection[str], passing: FilterMask | None) -> FilterMask:
        """A mask of the listed products that pass the filter."""
        mask = np.zeros(len(self.catalog), np.bool_)
        mask[self.catalog.known_rows(only)] = True
        if passing is None:
            return FilterMask(mask)
        return FilterMask(mask & passing.rows, passing.unknown)

    def _allowed(self, passing: FilterMask | None, exclude: Collection[str], seeds: Rows) -> Allowed | None:
        if passing is None and not exclude and not len(seeds):
            return None
        if not exclude and not len(seeds):
            return Allowed(len(self.catalog), passing, gone=self.catalog.gone)
        excluded = distinct(np.concatenate([self.catalog.known_rows(exclude), seeds]))
        return Allowed(len(self.catalog), passing, excluded.astype(np.int32), self.catalog.gone)


def _search(source: Source, question: Question, allowed: Allowed | None, limit: int) -> Hits:
    """As `source.search`. For a filter that nearly every product passes ("in stock"), try a slightly deeper search first."""
    if allowed is not None and allowed.lenient:
        deeper = allowed.deeper(limit)
        found = source.search(question, None, deeper)
        kept = np.flatnonzero(allowed.rows[found.rows])[:limit]
        if len(kept) == limit or len(found.rows) < deeper:
            return Hits(found.rows[kept], found.scores[kept])
    return source.search(question, allowed, limit)


def _mask_bytes(groups: Sequence[int], mask: FilterMask) -> int:
    """The most memory that a mask can take, including the group masks and numbers derived from it and its list of unknown
    words. `groups`: the number of groups in each grouping."""
    derived = sum(count + 8 * min(count, mask.count) for count in groups)
    return len(mask.rows) + derived + sum(map(sys.getsizeof, mask.unknown))
