"""Made-up warm-up questions about shoppers and carts: a bundle stores them, so they must not be those of real people."""

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.history import History
from shelfwise.contracts.rank import RankRequest
from shelfwise_ranker.event_log import PURCHASE, VIEW
from shelfwise_ranker.history import history_of
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.tallies import DAY_S

_NOW, _OLDEST_S = 1_780_000_000.0, 365 * DAY_S


def of_nobody(asked: RankRequest, table: ProductTable, draw: np.random.Generator) -> RankRequest:
    """Return a request like `asked` with as many candidates, seeds, history products and scores, all drawn at random.

    So the same code runs on arrays of the same sizes. Replacing the history alone would not hide a shopper: half of what its
    sources found is the history.
    """
    ids = _drawn(table, len(asked.ids), draw)
    scores = {source: _as_found(column, draw) for source, column in asked.scores.items()}
    history = asked.history
    if history is not None and history.products:
        # Half of the candidates come from the shopper's history, as far as it goes.
        products = list(dict.fromkeys([*ids[::2], *_drawn(table, len(table), draw)]))[: len(history.products)]
        history = _history(products, draw)
    seeds = _drawn(table, len(asked.seeds), draw)
    return asked.model_copy(update={"ids": ids, "seeds": seeds, "scores": scores, "history": history})


def _history(products: list[str], draw: np.random.Generator) -> History:
    """Return a history with one or two events per product. The first is a purchase; otherwise the shopper would have only
    looked."""
    of_events = [*products, *products[::2]]
    kinds: NDArray[np.int8] = draw.integers(VIEW, PURCHASE, len(of_events), np.int8, endpoint=True)
    kinds[0] = PURCHASE
    return history_of(of_events, kinds, _NOW - draw.uniform(1.0, _OLDEST_S, len(of_events)), _NOW)


def _as_found(column: list[float | None], draw: np.random.Generator) -> list[float | None]:
    return [None if score is None else drawn for score, drawn in zip(column, draw.random(len(column)).tolist(), strict=True)]


def _drawn(table: ProductTable, count: int, draw: np.random.Generator) -> list[str]:
    """Return `count` different products of the table, drawn at random."""
    return [table.ids[row] for row in draw.permutation(len(table))[:count].tolist()]
