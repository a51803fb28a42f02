"""Sparse matrix products that keep only the best entries of each row."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from shelfwise_retriever.behavior import Neighbours

Sparse = Any
"""scipy.sparse.csr_matrix; scipy has no type hints."""

_BLOCK = 20_000_000
"""Multiplications per block: bounds a product's memory, whatever the size of the shop."""


def neighbours_of(
    left: Sparse, right: Sparse, most: int, score: Callable[[int, Sparse], None] = lambda first, block: None
) -> Neighbours:
    """Return the best `most` entries of each row of `left @ right` ([n, k] and [k, n]), without the row itself.

    `score(first row, block)` may change `block.data` in place; entries that are not positive afterwards are left out.
    """
    parts = []
    for first, stop in _blocks(left, right):
        block = (left[first:stop] @ right).tocsr()
        score(first, block)
        owners = np.repeat(np.arange(first, stop), np.diff(block.indptr))
        block.data[(block.indices == owners) | ~(block.data > 0)] = 0
        block.eliminate_zeros()
        parts.append(_best(block, most))
    sizes = np.concatenate([sizes for sizes, _, _ in parts]) if parts else np.empty(0, np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    if not parts:
        return Neighbours.none(left.shape[0])
    rows, scores = (np.concatenate(columns) for columns in list(zip(*parts, strict=True))[1:])
    return Neighbours.of(starts, rows.astype(np.int32), scores.astype(np.float32))


def _blocks(left: Sparse, right: Sparse) -> Iterator[tuple[int, int]]:
    sizes = np.diff(right.indptr)
    work = np.concatenate([[0], np.cumsum(np.add.reduceat(np.append(sizes[left.indices], 0), left.indptr[:-1]))])
    empty = np.diff(left.indptr) == 0
    if empty.any():  # reduceat gives an empty row the value of the next entry
        each = np.diff(work)
        each[empty] = 0
        work = np.concatenate([[0], np.cumsum(each)])
    first = 0
    while first < left.shape[0]:
        stop = int(np.searchsorted(work, work[first] + _BLOCK, "right")) - 1
        stop = min(max(stop, first + 1), left.shape[0])
        yield first, stop
        first = stop


def _best(block: Sparse, most: int) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Return (entries of each row, their columns, their scores)."""
    sizes = np.diff(block.indptr)
    kept = np.ones(len(block.data), np.bool_)
    for row in np.flatnonzero(sizes > most).tolist():
        part = slice(block.indptr[row], block.indptr[row + 1])
        kept[part] = False
        kept[part.start + np.argpartition(-block.data[part], most)[:most]] = True
    return np.minimum(sizes, most).astype(np.int64), block.indices[kept], block.data[kept]


def binary(rows: NDArray[np.int32], columns: NDArray[np.int32], shape: tuple[int, int]) -> Sparse:
    """Return a matrix with 1 at every (row, column) that occurs."""
    matrix = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    matrix.data[:] = 1
    return matrix
