"""Products that the ranker does not know, but the retriever does: for a moment all new ones, and those without a free row until
the next bundle.

For such a product every feature except the sources' scores is missing, and trees hold that against it as they do for products
that nobody buys. So it keeps the place that the retriever gave it: as many candidates stay above it, whichever the model puts
there.
"""

import numpy as np
from numpy.typing import NDArray

PLACE = "place_in_retrieval"
"""What the place added to (or took from) the model's own score, among the contributions of a reason."""


def placed(scores: NDArray[np.float64], unknown: NDArray[np.bool_]) -> NDArray[np.float64]:
    """[candidates] `scores` of candidates in the retriever's order, with those of `unknown` products replaced.

    The candidate at place p of n gets a score as good as that of the known product at the same share of the ranking; of
    equal scores the one that came first wins. If all are unknown the scores stay.
    """
    known = np.sort(scores[~unknown])[::-1]
    if not len(known) or not unknown.any():
        return scores
    places = np.flatnonzero(unknown)
    moved = scores.copy()
    moved[places] = np.nextafter(known[places * len(known) // len(scores)], np.inf)
    return moved
