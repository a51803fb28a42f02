"""A vector space of what is bought after what: the SVD of the transitions' positive pointwise mutual information."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from shelfwise_pipeline.behavior.log import BehaviorLog
from shelfwise_pipeline.behavior.plan import BehaviorPlan
from shelfwise_pipeline.behavior.sparse import Sparse
from shelfwise_retriever.behavior import Space

Dense = NDArray[np.float32]

_LEAST = 50
"""With fewer products, a space is meaningless."""

_OVERSAMPLING, _ROUNDS = 16, 2

_STRIDE = 7919
"""Makes either of two products come first, depending on the moment of the event."""


def sequence_space(log: BehaviorLog, plan: BehaviorPlan) -> Space:
    """Return the vectors of the products that were bought often enough."""
    counts = np.bincount(log.rows, minlength=log.products)
    often = np.flatnonzero(counts >= plan.least_purchases)
    chosen = np.sort(often[np.argsort(-counts[often], kind="stable")][: plan.most_vectors]).astype(np.int32)
    if len(chosen) < _LEAST:
        return Space.none()
    information = _positive_information(_transitions(log, chosen, plan))
    dimension = min(plan.dimension, len(chosen) // 4 // 8 * 8 or 8)
    after, before = _factors(information, dimension)
    known = (np.linalg.norm(after, axis=1) > 0) | (np.linalg.norm(before, axis=1) > 0)
    return Space.of(chosen[known], _unit(before[known]), _unit(after[known]))


def _transitions(log: BehaviorLog, chosen: NDArray[np.int32], plan: BehaviorPlan) -> Sparse:
    """[m, m] the transitions from a product to what the same user bought next, within `plan.window` steps, weighted 1/steps,
    and from each product of one moment to every other.

    The lines of an order mostly share one time and have no sequence: their stored order only reflects their numbers.
    """
    place = np.full(log.products, -1, np.int32)
    place[chosen] = np.arange(len(chosen))
    kept = np.flatnonzero(place[log.rows] >= 0)
    kept, moments = _in_sequence(log, kept)
    places, users, weights = place[log.rows[kept]], log.users[kept], log.weights[kept]
    total = _at_once(moments, places, weights, len(chosen), plan.largest_basket)
    for step in range(1, plan.window + 1):
        later = (users[step:] == users[:-step]) & (moments[step:] != moments[:-step]) & (places[step:] != places[:-step])
        same = np.flatnonzero(later)
        value = weights[same] * weights[same + step] / np.float32(step)
        total = total + csr_matrix((value, (places[same], places[same + step])), shape=total.shape)
    return total


def _in_sequence(log: BehaviorLog, events: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return `events` by user and time, those of one moment in an arbitrary but reproducible order, and the moment of each,
    numbered from 0."""
    events = events[np.lexsort((-log.age_days[events], log.users[events]))]
    begins = (np.diff(log.users[events]) != 0) | (np.diff(log.age_days[events]) != 0)
    moments = np.concatenate([[0], np.cumsum(begins)])[: len(events)]
    rows = log.rows[events]
    lot = np.random.default_rng(0).permutation(log.products)[(rows + moments * _STRIDE) % log.products]
    order = np.lexsort((-log.weights[events], rows, lot, moments))
    return events[order], moments


def _at_once(
    moments: NDArray[np.int64], places: NDArray[np.int32], weights: NDArray[np.float32], count: int, largest: int
) -> Sparse:
    """[m, m] the sum of 1/log(2 + size) over the moments with both products. Of a larger moment only the first `largest`
    products count, in the order of `_in_sequence`."""
    nth = np.arange(len(moments)) - np.searchsorted(moments, moments)
    kept = np.flatnonzero(nth < largest)
    shape = (int(moments[-1]) + 1 if len(moments) else 0, count)
    held = csr_matrix((weights[kept], (moments[kept], places[kept])), shape=shape)
    held.data = np.minimum(held.data, np.float32(1))
    sizes = np.diff(held.indptr)
    pairs = (held.T @ (diags((1 / np.log(2.0 + sizes)).astype(np.float32)) @ held)).tocsr()
    pairs.setdiag(0)
    pairs.eliminate_zeros()
    return pairs


def _positive_information(transitions: Sparse) -> Sparse:
    """Return the logarithm of the ratio of the transitions to those expected by chance, where it is positive."""
    found = transitions.tocsr()
    from_all = np.asarray(found.sum(axis=1)).ravel()
    to_all = np.asarray(found.sum(axis=0)).ravel()
    owners = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
    expected = from_all[owners] * to_all[found.indices] / max(float(from_all.sum()), 1e-12)
    found.data = np.maximum(np.log(found.data / np.maximum(expected, 1e-12)), 0).astype(np.float32)
    found.eliminate_zeros()
    return found


def _factors(matrix: Sparse, dimension: int) -> tuple[Dense, Dense]:
    """Return U√S and V√S of a randomized SVD (Halko, Martinsson and Tropp, 2011). The same matrix gives the same factors."""
    draw = np.random.default_rng(0)
    transposed = matrix.T.tocsr()
    found = matrix @ draw.standard_normal((matrix.shape[1], dimension + _OVERSAMPLING), dtype=np.float32)
    for _ in range(_ROUNDS):
        found = matrix @ (transposed @ _orthogonal(found)[0])
    left = _orthogonal(found)[0]
    right, strength, turned = _orthogonal(transposed @ left)
    root = np.sqrt(strength[:dimension])
    return (left @ turned)[:, :dimension] * root, right[:, :dimension] * root


def _orthogonal(columns: Dense) -> tuple[Dense, Dense, Dense]:
    """Return (U, S, V) with `columns` = U S V', strongest first.

    Computed from the small matrix of the columns' inner products: several times faster than a QR of tall columns, and as good
    if only the strong factors are kept.
    """
    strength, turned = np.linalg.eigh(columns.T.astype(np.float64) @ columns)
    strength, turned = np.sqrt(np.maximum(strength[::-1], 1e-12)), turned[:, ::-1].astype(np.float32)
    return (columns @ turned) / strength.astype(np.float32), strength.astype(np.float32), turned


def _unit(vectors: Dense) -> Dense:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)
