"""How far down shoppers look, and what an order is worth when that is taken into account."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_pipeline.examples.question import gains

CORRECTED = "ndcg@10, positions corrected"

STRATA = 5
LEAST = 0.05
"""No click counts more than twenty times as much as one at the top, however rarely anyone looks there."""


def attention(
    scores: NDArray[np.float64], positions: NDArray[np.int32], chosen: NDArray[np.bool_], last: int
) -> NDArray[np.float64]:
    """[last + 1] how often each position is looked at, against the first; positions from `last` on are one.

    Candidates that a model holds for equally good (`scores`) should be chosen equally often wherever they stand; by how much
    they are not is what their position does. It never rises on the way down.
    """
    positions = np.minimum(positions, last)
    edges = np.quantile(scores, np.linspace(0, 1, STRATA + 1)[1:-1])
    stratum = np.searchsorted(edges, scores)
    cells = stratum * (last + 1) + positions
    shown = np.bincount(cells, minlength=STRATA * (last + 1)).reshape(STRATA, -1)
    taken = np.bincount(cells, weights=chosen, minlength=STRATA * (last + 1)).reshape(STRATA, -1)
    # A few imagined showings with the stratum's own rate, so that a cell that was hardly seen says little.
    rate = taken.sum(axis=1, keepdims=True) / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    smoothed = (taken + 10 * rate) / (shown + 10)
    of_position = (smoothed * shown.sum(axis=1, keepdims=True)).sum(axis=0)
    falling = np.minimum.accumulate(of_position)
    return np.maximum(falling / max(float(falling[0]), 1e-12), LEAST)


def corrected_ndcg(scores: NDArray[np.float64], grades: NDArray[np.float32], seen: NDArray[np.float64], k: int = 10) -> float:
    """What an order by `scores` is worth, 0 to 1, when each good answer stands for those that were not looked at.

    `seen` [candidates]: how often the position that a candidate was shown at is looked at.
    """
    worth = gains(grades) / seen
    order = np.argsort(-scores, kind="stable")[:k]
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = float(np.sort(worth)[::-1][:k] @ discount[: min(k, len(worth))])
    return float(worth[order] @ discount[: len(order)]) / ideal if ideal > 0 else 0.0
