"""The products that a question is about: its seeds, or else the products in its shopper's history."""

from collections.abc import Callable

import numpy as np

from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.past import Past
from shelfwise_retriever.sources.base import Question

Weigh = Callable[[Past], Scores]
"""The weight of each product of a past, [len(past)]."""

Profile = tuple[Rows, Scores]


def profile(question: Question, weigh: Weigh, count: int, most: int) -> Profile | None:
    """The `most` weightiest rows below `count` and their weights, which sum to 1; None if there are none."""
    if len(question.seeds):
        rows, weights = question.seeds, np.ones(len(question.seeds), np.float32)
    elif question.past is not None:
        rows, weights = question.past.rows, weigh(question.past)
    else:
        return None
    kept = np.flatnonzero((rows < count) & (weights > 0))
    if len(kept) > most:
        # In a tie the more recent product, which comes first.
        kept = kept[np.argsort(-weights[kept], kind="stable")[:most]]
    if not len(kept):
        return None
    rows, weights = rows[kept], weights[kept]
    return rows, weights / weights.sum()
