"""The number of trees that is best on questions not used for training."""

from collections.abc import Sequence

import numpy as np

LEAST_TREES = 30
"""The smallest number of trees taken. The first trees leave most candidates tied, in the retriever's good order, which by
chance may be the best on the validation period, and it takes dozens of trees to beat it. For the kind `product` in the small
demo shop, three trees that stayed best for twenty more have NDCG@10 of .344, the best of all 70 have .365."""


def best_number(curve: Sequence[float], *, falls: bool = False) -> int:
    """Return the number of trees with the best metric from LEAST_TREES on; the smallest in a tie.

    `curve`: the metric with one tree, two trees, … up to all trees tried; not empty. Higher is better, unless the metric
    `falls` with a better model. If fewer than LEAST_TREES were tried, all are taken.
    """
    least = min(LEAST_TREES, len(curve))
    tried = np.array(curve[least - 1 :])
    return least + int(np.argmin(tried) if falls else np.argmax(tried))
