"""Compaction: after many changes, new indexes are built from the present products, while the old ones serve, and swapped in.

Rows stay as they are; only vectors and documents get new numbers. Meanwhile, memory holds both about twice, and one thread is
busy. Changes go on; they are applied to the old indexes and, before the swap, to the new ones as well.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from shelfwise.bundle.arriving import clear_temporary, temporary
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.memory import give_back
from shelfwise.turns import short_turns
from shelfwise_retriever.changes.changing import Changing
from shelfwise_retriever.dense_build import trained
from shelfwise_retriever.groups import RowGroups, Rows
from shelfwise_retriever.index_table import plan_for
from shelfwise_retriever.indexes import Indexes, Numberings, text_of, words_of
from shelfwise_retriever.lexical_build import build_lexical
from shelfwise_retriever.numbering import Numbering
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.sources.dense import DenseSource
from shelfwise_retriever.sources.lexical import LexicalSource
from shelfwise_retriever.vectors import Vectors

T = TypeVar("T")

_log = logging.getLogger("shelfwise.retriever")

_COPIED = 8_192
_SLICE = 16


class Stopped(Exception):
    """A compaction was abandoned before its end."""


async def compact(retriever: Retriever) -> None:
    """Return when the retriever searches indexes that are as good as newly built ones."""
    changing = retriever.changing
    if changing is None:
        return
    started_at = time.perf_counter()
    touched = changing.remember_touched()
    try:
        snapshot = await Snapshot.of(changing)
        try:
            with short_turns():
                indexes = await asyncio.to_thread(snapshot.built)
        finally:
            # The process waits for the thread when it ends; if nobody awaits its result, the thread need not finish.
            snapshot.stopped.set()
        async with changing.lock:
            while len(touched) > _SLICE:
                _bring_up_to_date(indexes, changing, {touched.pop() for _ in range(_SLICE)})
                await asyncio.sleep(0)
            _bring_up_to_date(indexes, changing, touched)
            changing.indexes = indexes
            retriever.use(indexes)
    finally:
        changing.forget_touched()
    del snapshot
    await asyncio.to_thread(give_back)
    seconds = round(time.perf_counter() - started_at, 2)
    _log.info("compacted", extra={"texts": indexes.texts.count, "documents": indexes.documents.count, "seconds": seconds})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at one moment, as copies that a thread may read while changes go on."""

    texts: RowGroups
    documents: RowGroups
    vectors: NDArray[np.float32]
    lines: list[bytes]
    space: VectorSpace
    known_words: list[str]
    stopped: Event = field(default_factory=Event)
    """If set, `built` stops at its next step."""

    @classmethod
    async def of(cls, changing: Changing) -> "Snapshot":
        indexes = changing.indexes
        texts, documents = (RowGroups.of(groups.of_row.copy(), groups.count) for groups in (indexes.texts, indexes.documents))
        # In parts, since it may be a gigabyte. A vector never changes, so the time that passes in between does not matter.
        vectors = np.empty((texts.count, indexes.vectors.dimension), np.float32)
        lines = changing.catalog.lines()
        for start in range(0, texts.count, _COPIED):
            end = min(start + _COPIED, texts.count)
            vectors[start:end] = indexes.vectors.part(start, end)
            await asyncio.sleep(0)
        return cls(texts, documents, vectors, lines, indexes.vectors.space, list(indexes.lexical.known_words))

    def built(self) -> Indexes:
        """New indexes of the snapshot. Takes seconds, mostly without holding the GIL.

        Raises:
            Stopped: `stopped` was set.
        """
        kept, first = self.texts.firsts()
        vectors = self.vectors[kept]
        texts = _renumbered(self.texts, kept)
        plan = plan_for(len(kept), self.space.dimension)
        index = trained(vectors, plan)
        stored = Vectors.of(vectors, self.space)
        dense = DenseSource(stored, texts, plan, index)
        numbers = Numbering(text_of(product) for product in self._products(first))
        kept, first = self.documents.firsts()
        words = [words_of(product) for product in self._products(first)]
        documents = _renumbered(self.documents, kept)
        clear_temporary()
        with temporary("compaction") as folder:
            build_lexical(folder, self._until_stopped(words), self.known_words)
            self._go_on()
            lexical = LexicalSource.load(folder, documents, texts)
        self._go_on()
        lexical.expect_changes(words)
        return Indexes(stored, texts, documents, dense, lexical, Numberings(numbers, Numbering(words)))

    def _products(self, rows: Rows) -> Iterator[dict[str, Any]]:
        return (orjson.loads(self.lines[row]) for row in self._until_stopped(rows.tolist()))

    def _until_stopped(self, items: Iterable[T]) -> Iterator[T]:
        for item in items:
            self._go_on()
            yield item

    def _go_on(self) -> None:
        if self.stopped.is_set():
            raise Stopped


def _renumbered(groups: RowGroups, kept: NDArray[np.int64]) -> RowGroups:
    """Only the groups in `kept`, numbered by their places in it."""
    number = np.full(groups.count + 1, -1, np.int32)  # the last entry is for rows without a group
    number[kept] = np.arange(len(kept), dtype=np.int32)
    of_row: Rows = number[groups.of_row]
    return RowGroups.of(of_row, len(kept))


def _bring_up_to_date(indexes: Indexes, changing: Changing, rows: set[int]) -> None:
    """Apply the changes of these rows since the snapshot to the new indexes."""
    for row in sorted(rows):
        if changing.catalog.is_there(row):
            indexes.put(row, changing.catalog.product(row), changing.indexes.vector_of(row))
        else:
            indexes.take(row)
