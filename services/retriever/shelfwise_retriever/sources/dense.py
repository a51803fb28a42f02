"""Neighbours in the vector space: FAISS finds a shortlist, exact scores decide."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_retriever.allowed import Allowed, FilterMask
from shelfwise_retriever.groups import Mask, RowGroups, Rows, Scores
from shelfwise_retriever.index_table import EXACT, IndexPlan
from shelfwise_retriever.sources.base import Hits, Question
from shelfwise_retriever.vectors import Vectors

PLAN_FILE = "dense.json"
INDEX_FILE = "dense.faiss"

_SHORTEST = 300

Numbers = NDArray[np.int64]


class DenseSource:
    """Inner product over distinct vectors; a found vector stands for all rows that share it."""

    name = "dense"

    def __init__(self, vectors: Vectors, groups: RowGroups, plan: IndexPlan, index: "faiss.Index | None") -> None:
        self._vectors = vectors
        self._groups = groups
        self._plan = plan
        self._index = index
        self._every = np.arange(vectors.count, dtype=np.int64)

    @classmethod
    def load(cls, folder: Path, vectors: Vectors, groups: RowGroups) -> "DenseSource":
        """Load what `dense_build.build_index` wrote to `folder`.

        Raises:
            BundleDamaged: the index holds other vectors than `vectors`.
        """
        plan = IndexPlan.model_validate_json((folder / PLAN_FILE).read_bytes())
        index = None if plan.index == EXACT else faiss.read_index(str(folder / INDEX_FILE))
        if index is not None and (index.ntotal, index.d) != (vectors.count, vectors.dimension):
            raise BundleDamaged(
                f"{INDEX_FILE}: expected {vectors.count} vectors of {vectors.dimension} dimensions, "
                f"found {index.ntotal} of {index.d}; build the bundle again"
            )
        return cls(vectors, groups, plan, index)

    def add(self, vectors: NDArray[np.float32]) -> None:
        """Add [k, dimension] vectors, numbered from `vectors.count` on; they are found from now on.

        The index codes them with its existing training. If they are unlike all earlier vectors, it ranks them too low; exact
        scores make up for this as long as they are few. A compaction trains the index anew.
        """
        faiss.omp_set_num_threads(1)  # as in `search`; with two, adding one vector took 5 ms instead of 13 µs
        self._vectors.add(vectors)
        index: Any = self._index
        if index is not None:
            index.add(np.ascontiguousarray(vectors, np.float32))
        self._every = np.arange(self._vectors.count, dtype=np.int64)

    @property
    def plan(self) -> IndexPlan:
        return self._plan

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        if question.vector is None:
            return Hits.none()
        # OpenMP keeps this number per thread, so it is set where FAISS is called. With more threads, one query spends more
        # time waiting than working.
        faiss.omp_set_num_threads(1)
        if allowed is not None and allowed.lenient:
            hits = self._search(question.vector, allowed, None, allowed.deeper(limit), limit, per_text)
            if len(hits.rows) == limit:
                return hits
        passing, excluded = (allowed.filter, allowed.excluded) if allowed else (None, 0)
        return self._search(question.vector, allowed, passing, limit + excluded, limit, per_text)

    def _search(
        self, query: Scores, allowed: Allowed | None, passing: FilterMask | None, wanted: int, limit: int, cap: int | None
    ) -> Hits:
        """The best `limit` allowed rows of the best `wanted` vectors that have a row in `passing`."""
        numbers = self._shortlist(query, passing, wanted, cap)
        if self._groups.empty and passing is None:  # a filter lets only groups with rows through
            there = self._groups.sizes[numbers] > 0
            if not there.all():
                numbers = numbers[there]
        numbers, scores = _best(numbers, self._vectors.scores(query, numbers), wanted)
        if allowed is None:
            return Hits(*self._groups.expand(numbers, scores, limit, cap=cap))
        return Hits(*self._groups.expand(numbers, scores, limit, allowed.rows, allowed.barred, cap))

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        """The exact score of every row, found or not."""
        if question.vector is None:
            return None
        return self._vectors.scores(question.vector, self._groups.of_row[rows].astype(np.int64))

    def _shortlist(self, query: Scores, passing: FilterMask | None, wanted: int, cap: int | None) -> Numbers:
        """Vectors that hold the best `wanted` rows, counting at most `cap` rows per vector; in no order."""
        if passing is None:
            if self._index is None:
                return self._every
            ask = self._ask if self._plan.nprobe is None else self._ask_cells
            return self._enough(ask(query, wanted), wanted, cap)
        left = passing.group_numbers(self._groups)
        if self._index is None or len(left) <= max(self._plan.exact_below, self._depth(wanted)):
            return left
        mask = passing.groups(self._groups)
        return (self._scan if self._plan.nprobe is None else self._ask_cells)(query, wanted, mask, len(left))

    def _depth(self, wanted: int) -> int:
        """The shortlist length needed to hold the best `wanted`, given that some vectors no longer have a product."""
        depth = max(self._plan.shortlist, self._plan.shortlist * wanted // 100)
        empty, every = self._groups.empty, self._vectors.count
        return depth if not empty else depth * every // max(1, every - empty)

    def _enough(self, near: Numbers, wanted: int, cap: int | None) -> Numbers:
        """The part of a shortlist, roughly best first, that is worth exact scores.

        If many products share a vector, few vectors fill an answer. Fetching the others from memory to score them would be
        the most expensive part of a search.
        """
        sizes = self._groups.sizes[near]
        if cap is not None:
            np.minimum(sizes, cap, out=sizes)
        needed = int(np.searchsorted(np.cumsum(sizes), wanted)) + 1
        return near[: max(_SHORTEST, self._plan.shortlist * needed // 100)]

    def _scan(self, query: Scores, wanted: int, mask: Mask, left: int) -> Numbers:
        """Scan deeper by the share that the filter refuses, and a quarter more, because a scan cannot skip refused vectors."""
        needed = min(left, self._depth(wanted))
        depth = int(1.25 * needed * len(mask) / left)
        while True:
            near = self._nearest(query, depth)
            found = near[mask[near]]
            if len(found) >= needed or depth >= len(mask):
                return found
            depth *= 2

    def _ask_cells(self, query: Scores, wanted: int, mask: Mask | None = None, left: int | None = None) -> Numbers:
        """Search more cells the rarer a filter's matches, since they lie farther away, and still more if too few are found."""
        every = self._vectors.count
        index: Any = self._index
        parameters = faiss.SearchParametersIVF()
        parameters.nprobe = self._plan.nprobe or 1
        if mask is not None and left:
            bits = np.packbits(mask, bitorder="little")
            selector = faiss.IDSelectorBitmap(every, faiss.swig_ptr(bits))
            parameters.sel = selector
            parameters.nprobe = int(parameters.nprobe * (every / left) ** 0.5)
        needed = min(wanted, every if left is None else left)
        while True:
            near = self._nearest(query, self._depth(wanted), parameters)
            if len(near) >= needed or parameters.nprobe >= index.nlist:
                return near
            parameters.nprobe *= 4

    def _ask(self, query: Scores, wanted: int) -> Numbers:
        return self._nearest(query, self._depth(wanted))

    def _nearest(self, query: Scores, depth: int, parameters: "faiss.SearchParameters | None" = None) -> Numbers:
        index: Any = self._index
        _, labels = index.search(query[None], min(depth, self._vectors.count), params=parameters)
        near: Numbers = labels[0]
        return near if near[-1] >= 0 else near[near >= 0]  # FAISS pads with -1 if it found fewer


def _best(numbers: Numbers, scores: Scores, wanted: int) -> tuple[Numbers, Scores]:
    """The best `wanted` by falling score, and all that tie with the last of them."""
    if len(numbers) > wanted:
        last = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        kept = scores >= last
        numbers, scores = numbers[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")
    return numbers[order], scores[order]
