"""The catalog's distinct vectors in memory, and exact scores against them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from shelfwise.contracts.vectors import VectorSpace
from shelfwise.errors import BundleDamaged
from shelfwise_retriever.groups import RowGroups, Rows, Scores

_CHUNK = 65_536


class Vectors:
    """[m, dimension] float32, stored once, inside FAISS.

    Not float16: it would halve the memory, but an exact score would take ten times as long (the values must be widened first)
    and would differ from the true inner product.
    """

    def __init__(self, space: VectorSpace) -> None:
        self._flat: Any = faiss.IndexFlatIP(space.dimension)
        self.space = space

    @classmethod
    def of(cls, vectors: NDArray[np.float32], space: VectorSpace) -> Self:
        """A copy of `vectors` ([m, dimension]), with room for more."""
        return cls.read(lambda start, end: vectors[start:end], len(vectors), space)

    @classmethod
    def read(cls, part: Callable[[int, int], NDArray[np.float32]], count: int, space: VectorSpace) -> Self:
        """`count` vectors; `part` returns those from a start to an end ([end - start, dimension]).

        There is room for an eighth more. Without it, adding the first vector would copy them all, between two requests.
        """
        kept = cls(space)
        # A full buffer is replaced by one of twice the size, of which the system provides only the pages written to.
        full = min(count, count * 9 // 16 + 1)
        codes = kept._flat.codes
        codes.resize(full * kept._flat.code_size)
        codes.resize(0)
        for start, end in ((0, full), (full, count)):
            for first in range(start, end, _CHUNK):  # in parts, so that loading never needs twice the memory
                kept.add(part(first, min(first + _CHUNK, end)))
        return kept

    def add(self, vectors: NDArray[np.float32]) -> None:
        self._flat.add(np.ascontiguousarray(vectors, np.float32))

    @property
    def dimension(self) -> int:
        return self.space.dimension

    @property
    def count(self) -> int:
        return int(self._flat.ntotal)

    def scores(self, query: Scores, numbers: NDArray[np.int64]) -> Scores:
        """Inner products of `query` with the numbered vectors; each is computed alone, so it does not depend on the others."""
        scores = np.empty(len(numbers), np.float32)
        if not len(numbers):
            return scores
        pointer = faiss.swig_ptr
        self._flat.compute_distance_subset(1, pointer(query), len(numbers), pointer(scores), pointer(numbers))
        return scores

    def __getitem__(self, number: int) -> Scores:
        """A copy of one vector."""
        found: Scores = self._flat.reconstruct(number)
        return found

    def several(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Copies of the numbered vectors, [numbers, dimension]."""
        found: NDArray[np.float32] = self._flat.reconstruct_batch(np.ascontiguousarray(numbers))
        return found

    def part(self, start: int, end: int) -> NDArray[np.float32]:
        """A copy of a range of vectors, [end - start, dimension]."""
        found: NDArray[np.float32] = self._flat.reconstruct_n(start, end - start)
        return found

    def mean(self, numbers: NDArray[np.int64], weights: Scores | None = None) -> Scores:
        """The normalized, optionally weighted mean of the numbered vectors."""
        middle = np.average(self._flat.reconstruct_batch(np.ascontiguousarray(numbers)), axis=0, weights=weights)
        length = float(np.linalg.norm(middle))
        return np.asarray(middle / length if length else middle, np.float32)

    def sample(self, count: int, seed: int) -> NDArray[np.float32]:
        """`count` vectors drawn with replacement."""
        numbers = np.random.default_rng(seed).integers(0, self.count, count)
        return np.stack([self._flat.reconstruct(int(number)) for number in numbers])


def write_vectors(path: Path, vectors: NDArray[np.float32], text_of_row: Rows, space: VectorSpace) -> None:
    """Write the vectors, the vector number of each row, and the vector space into one file."""
    arrays = {"vectors": np.ascontiguousarray(vectors, np.float32), "text_of_row": np.ascontiguousarray(text_of_row, np.int32)}
    save_file(arrays, path, metadata={"space": space.model_dump_json()})


def read_vectors(path: Path, rows: int) -> tuple[Vectors, RowGroups]:
    """The vectors, and the groups of the catalog's `rows` that share a vector.

    Raises:
        BundleDamaged: another dimension, another number of rows, or a row that points past the last vector.
    """
    with safe_open(path, framework="numpy") as file:
        text_of_row = file.get_tensor("text_of_row")
        stored = file.get_slice("vectors")
        count, dimension = stored.get_shape()
        space = VectorSpace.model_validate_json(file.metadata()["space"])
        if dimension != space.dimension:
            raise BundleDamaged(
                f"{path.name}: expected {space.dimension} dimensions, found {dimension}; build the bundle again"
            )
        vectors = Vectors.read(lambda start, end: stored[start:end], count, space)
    if len(text_of_row) != rows:
        raise BundleDamaged(f"{path.name}: expected {rows} rows, found {len(text_of_row)}; build the bundle again")
    if rows and not 0 <= text_of_row.min() <= text_of_row.max() < count:
        raise BundleDamaged(f"{path.name}: expected rows to point at vectors 0 to {count - 1}; build the bundle again")
    return vectors, RowGroups.of(text_of_row, count)
