"""Which model answers a kind of question for which the shop's events could not teach one.

The model for similar products answers for products bought together, and for what a shopper wants next, with the products last
touched as seeds. A shopper about whom nothing is known gets what is popular. One who has only viewed products so far gets what
is like them, whether or not there is a model for shoppers.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.rank import RankRequest
from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_ranker import behavior
from shelfwise_ranker.behavior import BehaviorStats
from shelfwise_ranker.products import Rows

STAND_INS: dict[QuestionKind, QuestionKind] = {"together": "product", "user": "product"}
"""By kind without a model: the kind whose model answers."""

LATEST = 5
"""The number of products of a history that stand for the shopper."""

INTEREST = ("viewed", "dense", "category", "behavior", "together")
"""The sources that start from the products viewed, not from what everybody buys."""

POPULARITY = "decayed"
"""The column of `behavior` that measures popularity."""

_DECAYED = behavior.COLUMNS.index(POPULARITY)

Parts = dict[str, NDArray[np.float64]]
"""[candidates] what each source (or POPULARITY) adds to the score; their sum is the score."""


def only_looked(request: RankRequest) -> bool:
    """Whether this is a shopper who has not bought anything yet. The model for shoppers learned what they buy after what they
    bought; about somebody who came a minute ago the products just viewed say more."""
    history = request.history
    return request.kind == "user" and history is not None and bool(history.products) and not history.orders


def as_product_question(request: RankRequest) -> RankRequest | None:
    """The same candidates, asked as a `product` question; None if there is no seed to ask with."""
    seeds = request.seeds or (request.history.products[:LATEST] if request.history is not None else [])
    if not seeds:
        return None
    return request.model_copy(update={"kind": "product", "seeds": seeds, "text": None, "history": None})


def by_interest(scores: Mapping[str, Sequence[float | None]]) -> Parts:
    """How close each candidate is to what was viewed: for each of INTEREST score / best score of that source, as in the
    retriever's own order; 0 if the best is not positive."""
    parts: Parts = {}
    for source in INTEREST:
        if source in scores:
            column = np.nan_to_num(np.asarray(scores[source], dtype=np.float64))
            best = float(column.max(initial=0.0))
            parts[source] = column / best if best > 0 else np.zeros_like(column)
    return parts


def by_popularity(rows: Rows, statistics: BehaviorStats) -> Parts:
    """The `decayed` column of each candidate; 0 for an unknown product."""
    return {POPULARITY: np.asarray(np.nan_to_num(statistics.values[rows, _DECAYED]), dtype=np.float64)}
