"""Item-to-item weights from who bought what: EASE (Steck, 2019) and plain cosine, for the most bought products."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from shelfwise_pipeline.behavior.log import BehaviorLog
from shelfwise_pipeline.behavior.plan import BehaviorPlan
from shelfwise_pipeline.behavior.sparse import Sparse, binary
from shelfwise_retriever.behavior import Neighbours

Dense = NDArray[np.float32]

_DENSE_GAIN = 30
"""A dense multiplication takes so much less time than a sparse one."""

_ROWS = 512


def learned_and_users(log: BehaviorLog, plan: BehaviorPlan) -> tuple[Neighbours, Neighbours]:
    """EASE's weights, and cosines; they share the matrix of how many users bought both."""
    chosen, bought = _bought(log, plan.learned_items)
    if not bought.shape[0]:
        return Neighbours.none(log.products), Neighbours.none(log.products)
    both = _both(bought)
    length = np.sqrt(np.maximum(np.diag(both), 1e-12)).astype(np.float32)
    cosine = both / (length[:, None] * length[None, :])
    users = _lists(cosine, chosen, plan.neighbours, log.products)
    return _lists(_ease(both, plan.ridge), chosen, plan.learned_neighbours, log.products), users


def _bought(log: BehaviorLog, most: int) -> tuple[NDArray[np.int32], Sparse]:
    """The products bought by most users, ascending, and [users, those products]."""
    pairs = np.unique(np.stack([log.users, log.rows], axis=1)[log.weights == 1], axis=0)
    counts = np.bincount(pairs[:, 1], minlength=log.products)
    often = np.flatnonzero(counts > 1)
    chosen = np.sort(often[np.argsort(-counts[often], kind="stable")][:most]).astype(np.int32)
    place = np.full(log.products, -1, np.int32)
    place[chosen] = np.arange(len(chosen))
    pairs = pairs[place[pairs[:, 1]] >= 0]
    users, numbers = np.unique(pairs[:, 0], return_inverse=True)
    return chosen, binary(numbers.astype(np.int32), place[pairs[:, 1]], (len(users), len(chosen)))


def _both(bought: Sparse) -> Dense:
    """[m, m]: how many users bought both."""
    users, items = bought.shape
    sizes = np.diff(bought.indptr).astype(np.float64)
    if (sizes @ sizes) < users * float(items) ** 2 / _DENSE_GAIN:
        return np.asarray((bought.T @ bought).toarray(), np.float32)
    total = np.zeros((items, items), np.float32)
    for first in range(0, users, 4096):
        part = bought[first : first + 4096].toarray()
        total += part.T @ part
    return total


def _ease(both: Dense, ridge: float) -> Dense:
    """[m, m] with a zero diagonal: row i says what having i means for each other; `both` is overwritten."""
    both[np.diag_indices_from(both)] += np.float32(ridge)
    factor, _ = lapack.spotrf(both.T, lower=1, overwrite_a=1)
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    inverse = np.tril(inverse)
    inverse += np.tril(inverse, -1).T
    weights: Dense = np.asarray(inverse / -np.diag(inverse), np.float32)
    weights[np.diag_indices_from(weights)] = 0
    return weights


def _lists(weights: Dense, chosen: NDArray[np.int32], most: int, products: int) -> Neighbours:
    """The best `most` positive ones of each row, as lists of catalog rows."""
    np.fill_diagonal(weights, 0)
    width = min(most, len(chosen))
    sizes = np.zeros(products, np.int64)
    rows, scores = [], []
    for first in range(0, len(chosen), _ROWS):
        part = weights[first : first + _ROWS]
        best = np.argpartition(-part, width - 1, axis=1)[:, :width]
        value = np.take_along_axis(part, best, axis=1)
        kept = value > 0
        sizes[chosen[first : first + _ROWS]] = kept.sum(axis=1)
        rows.append(chosen[best[kept]])
        scores.append(value[kept])
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Neighbours(starts, np.concatenate(rows).astype(np.int32), np.concatenate(scores).astype(np.float32))
