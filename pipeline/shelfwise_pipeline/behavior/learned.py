"""Item-to-item weights from who bought what: EASE (Steck, 2019) and plain cosine, for the most bought products."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from shelfwise_pipeline.behavior.log import WEIGHTS, BehaviorLog
from shelfwise_pipeline.behavior.plan import BehaviorPlan
from shelfwise_pipeline.behavior.sparse import Sparse, binary
from shelfwise_pipeline.behavior.trends import rise
from shelfwise_retriever.behavior import Neighbours
from shelfwise_retriever.distinct import distinct

Dense = NDArray[np.float32]

_DENSE_GAIN = 30
"""How many times faster a dense multiplication is than a sparse one."""

_ROWS = 512


def learned_and_users(log: BehaviorLog, plan: BehaviorPlan) -> tuple[Neighbours, Neighbours]:
    """Return EASE's weights and the cosines. Both use the matrix of how many users bought both products."""
    chosen, bought = _bought(log, plan.learned_items)
    if not bought.shape[0]:
        return Neighbours.none(log.products), Neighbours.none(log.products)
    both = _both(bought)
    length = np.sqrt(np.maximum(np.diag(both), 1e-12)).astype(np.float32)
    cosine = both / (length[:, None] * length[None, :])
    users = _lists(cosine, chosen, plan.neighbours, rise(log, plan, plan.users_rise))
    del cosine
    return _lists(_ease(both, plan.ridge), chosen, plan.neighbours, rise(log, plan, plan.learned_rise)), users


def _bought(log: BehaviorLog, most: int) -> tuple[NDArray[np.int32], Sparse]:
    """Return the products bought by most users, ascending, and the matrix [users, those products]."""
    purchases = log.weights == WEIGHTS["purchase"]
    pairs = distinct(log.users[purchases].astype(np.int64) * log.products + log.rows[purchases])
    buyers, rows = pairs // log.products, pairs % log.products
    counts = np.bincount(rows, minlength=log.products)
    often = np.flatnonzero(counts > 1)
    chosen = np.sort(often[np.argsort(-counts[often], kind="stable")][:most]).astype(np.int32)
    place = np.full(log.products, -1, np.int32)
    place[chosen] = np.arange(len(chosen))
    kept = place[rows] >= 0
    users, numbers = np.unique(buyers[kept], return_inverse=True)
    return chosen, binary(numbers.astype(np.int32), place[rows[kept]], (len(users), len(chosen)))


def _both(bought: Sparse) -> Dense:
    """[m, m] how many users bought both products."""
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
    """[m, m] the weights, with a zero diagonal: row i tells what having i means for each other product. `both` is
    overwritten."""
    both[np.diag_indices_from(both)] += np.float32(ridge)
    factor, _ = lapack.spotrf(both.T, lower=1, overwrite_a=1)
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    inverse = np.tril(inverse)
    inverse += np.tril(inverse, -1).T
    weights: Dense = np.asarray(inverse / -np.diag(inverse), np.float32)
    weights[np.diag_indices_from(weights)] = 0
    return weights


def _lists(weights: Dense, chosen: NDArray[np.int32], most: int, rising: Dense) -> Neighbours:
    """Return lists of catalog rows, scored by weight × `rising` ([products]): each row's best `most` by weight and its best
    `most` by score.

    The latter find products in season; the former keep those from displacing all others.
    """
    np.fill_diagonal(weights, 0)
    width = min(most, len(chosen))
    sizes = np.zeros(len(rising), np.int64)
    rows, scores = [], []
    for first in range(0, len(chosen), _ROWS):
        plain = weights[first : first + _ROWS]
        risen = plain * rising[chosen]
        kept = np.zeros(plain.shape, np.bool_)
        for values in (plain, risen):
            np.put_along_axis(kept, np.argpartition(-values, width - 1, axis=1)[:, :width], True, axis=1)
        kept &= plain > 0
        sizes[chosen[first : first + _ROWS]] = kept.sum(axis=1)
        rows.append(chosen[np.nonzero(kept)[1]])
        scores.append(risen[kept])
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Neighbours.of(starts, np.concatenate(rows), np.concatenate(scores))
