"""Products bought, or looked at, at the same time."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from shelfwise_pipeline.behavior.log import BehaviorLog
from shelfwise_pipeline.behavior.plan import BehaviorPlan
from shelfwise_pipeline.behavior.sparse import Sparse, neighbours_of
from shelfwise_pipeline.behavior.trends import rise
from shelfwise_retriever.behavior import Neighbours


def together(log: BehaviorLog, plan: BehaviorPlan) -> Neighbours:
    """Weighted co-occurrence: the sum, over baskets with both products, of 1/log(2 + size), halved every
    `basket_half_life_days`.

    It is divided by the weight of the row's own baskets, so that the products of a cart or of a history have equal weight.

    The sum is symmetric, the score is not: it tells how often the other product comes with this one. The symmetric counterpart
    is the ranker's feature `Lift`, which divides by the other's popularity, too; over shoppers it is `users`, a cosine.
    """
    baskets, ages = _baskets(log, plan)
    if not baskets.shape[0]:
        return Neighbours.none(log.products)
    sizes = np.diff(baskets.indptr)
    weight = np.exp2(-ages / plan.basket_half_life_days) / np.log(2.0 + sizes)
    weighted = (diags(weight.astype(np.float32)) @ baskets).tocsr()
    own = np.asarray(weighted.sum(axis=0)).ravel().astype(np.float32)

    rising = rise(log, plan, plan.together_rise)

    def damped(first: int, block: Sparse) -> None:
        per_row = np.diff(block.indptr)
        block.data *= block.data / (block.data + np.float32(plan.chance))
        block.data *= rising[block.indices]
        block.data /= np.repeat(own[first : first + len(per_row)] + np.float32(plan.chance), per_row)

    return neighbours_of(weighted.T.tocsr(), baskets, plan.neighbours, damped)


def _baskets(log: BehaviorLog, plan: BehaviorPlan) -> tuple[Sparse, NDArray[np.float64]]:
    """[baskets, products] the weight of each product's strongest event; and the age of each basket's last event."""
    order = np.lexsort((-log.weights, log.rows, log.baskets))
    baskets, rows = log.baskets[order], log.rows[order]
    again = (baskets[1:] == baskets[:-1]) & (rows[1:] == rows[:-1])
    order = order[np.flatnonzero(np.concatenate([[True], ~again]))]
    # From a basket that is too large, keep the events of the greatest weight; among equals, an arbitrary but reproducible
    # choice.
    lot = np.random.default_rng(0).permutation(len(order))
    order = order[np.lexsort((lot, -log.weights[order], log.baskets[order]))]
    baskets = log.baskets[order]
    begin = np.searchsorted(baskets, baskets)
    order = order[np.arange(len(order)) - begin < plan.largest_basket]
    count = int(log.baskets.max(initial=-1)) + 1
    matrix = csr_matrix((log.weights[order], (log.baskets[order], log.rows[order])), shape=(count, log.products))
    ages = np.full(count, np.inf)
    np.minimum.at(ages, log.baskets, log.age_days)
    return matrix, ages
