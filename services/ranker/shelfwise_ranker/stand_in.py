"""Which model answers for a kind of question that the shop's events could teach none for.

Products bought together are asked of the model for similar products; so is what a shopper wants next, with the products
last touched as seeds. A shopper of whom nothing is known gets what is popular. One who has only looked so far gets what is
like the products looked at, whether or not there is a model for shoppers.
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
"""Products of a history that stand for the shopper."""

INTEREST = ("viewed", "dense", "category", "behavior", "together")
"""The sources that start from the products looked at; not what everybody buys."""

POPULARITY = "decayed"
"""Of the columns of `behavior`, the one that stands for being popular."""

_DECAYED = behavior.COLUMNS.index(POPULARITY)

Parts = dict[str, NDArray[np.float64]]
"""[candidates] what each source (or POPULARITY) adds to the score; together they are the score."""


def only_looked(request: RankRequest) -> bool:
    """Is this a shopper who has not bought anything yet? What is learned of shoppers is what they buy after what they bought;
    of somebody who came a minute ago the products just looked at say more."""
    history = request.history
    return request.kind == "user" and history is not None and bool(history.products) and not history.orders


def as_product_question(request: RankRequest) -> RankRequest | None:
    """The same candidates, asked as a `product` question; None when there is no seed to ask with."""
    seeds = request.seeds or (request.history.products[:LATEST] if request.history is not None else [])
    if not seeds:
        return None
    return request.model_copy(update={"kind": "product", "seeds": seeds, "text": None, "history": None})


def by_interest(scores: Mapping[str, Sequence[float | None]]) -> Parts:
    """How near each candidate is to what was looked at: for each of INTEREST score / best score of that source, as the
    retriever's own order has it; 0 where the best is not positive."""
    parts: Parts = {}
    for source in INTEREST:
        if source in scores:
            column = np.nan_to_num(np.asarray(scores[source], dtype=np.float64))
            best = float(column.max(initial=0.0))
            parts[source] = column / best if best > 0 else np.zeros_like(column)
    return parts


def by_popularity(rows: Rows, statistics: BehaviorStats) -> Parts:
    """The decayed count of each candidate; 0 for an unknown product."""
    return {POPULARITY: np.asarray(np.nan_to_num(statistics.values[rows, _DECAYED]), dtype=np.float64)}
