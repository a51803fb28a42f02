"""Products that the ranker has not heard of, but the retriever has: for a moment all new ones are such, and those for which
there is no room left until the next bundle.

Of such a product every feature but the sources' scores is missing, and trees hold against it what they hold against products
that nobody buys. So it keeps the place that the retriever gave it: among as many better ones, whatever the model makes of them.
"""

import numpy as np
from numpy.typing import NDArray

PLACE = "place_in_retrieval"
"""What its place added to (or took from) the model's own score, among the contributions of a reason."""


def placed(scores: NDArray[np.float64], unknown: NDArray[np.bool_]) -> NDArray[np.float64]:
    """[candidates] `scores` of candidates that came in the retriever's order, with those of `unknown` products replaced.

    One that stood at the p-th place of n gets a score as good as that of the known product at the same share of the ranking,
    and equal scores go to the one that came first. When all are unknown the scores stay.
    """
    known = np.sort(scores[~unknown])[::-1]
    if not len(known) or not unknown.any():
        return scores
    places = np.flatnonzero(unknown)
    moved = scores.copy()
    moved[places] = np.nextafter(known[places * len(known) // len(scores)], np.inf)
    return moved
