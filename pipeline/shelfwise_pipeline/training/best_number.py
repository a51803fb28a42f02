"""How many trees are best on questions that taught none of them."""

from collections.abc import Sequence

import numpy as np

LEAST_TREES = 30
"""No stop before that: a first tree leaves most candidates equal, in the retriever's good order, and by chance that may be the
best on the validation period; it takes dozens of trees to beat it. What is like a product of the small demo shop: three trees
that were best for twenty more have NDCG@10 of .344, the best of all 70 .365."""


def best_number(curve: Sequence[float], *, falls: bool = False) -> int:
    """The number of trees with the best figure from LEAST_TREES on; of equally good ones the least.

    `curve`: the figure with one tree, with two, … with all that were tried, at least one; more is better unless it `falls`
    with a better model. All of fewer than LEAST_TREES are taken.
    """
    least = min(LEAST_TREES, len(curve))
    tried = np.array(curve[least - 1 :])
    return least + int(np.argmin(tried) if falls else np.argmax(tried))
