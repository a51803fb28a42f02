"""Finds the seed that a statement about a candidate is true of, since a cart holds many: its title, empty if there is none."""

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.vocabulary import PAD

_SAME_PRICE = 0.1
"""How much two prices may differ, as a share of the higher one."""

_SAME_NAME = 0.3
"""The share of the longer title, by weight, that both must have; numbers such as sizes do not count."""


def only_seed(request: FeatureRequest) -> str:
    """The title of the seed if there is only one and the table holds it: what is true of the question is true of this seed."""
    return _title(request, 0) if len(request.seeds) == len(request.known_seeds) == 1 else ""


def of_category(request: FeatureRequest, position: int) -> str:
    """A seed from the candidate's narrowest category; products without a category share none."""
    table, row = request.table, request.rows[position]
    if row < 0 or not table.categories[table.leaf[row]]:
        return ""
    return _first(request, table.leaf[request.known_seeds] == table.leaf[row])


def of_brand(request: FeatureRequest, position: int) -> str:
    """A seed of the candidate's brand; products without a brand share a number, but no brand."""
    table, row = request.table, request.rows[position]
    if row < 0 or not (table.tokens[row, table.spans["brand"]] != PAD).any():
        return ""
    return _first(request, table.brand[request.known_seeds] == table.brand[row])


def of_price(request: FeatureRequest, position: int) -> str:
    """A seed that costs about as much as the candidate."""
    log_price = request.table.log_price
    price, prices = np.expm1(log_price[request.rows[position]]), np.expm1(log_price[request.known_seeds])
    return _first(request, np.abs(prices - price) <= _SAME_PRICE * np.maximum(prices, price))


def of_name(request: FeatureRequest, position: int) -> str:
    """The seed whose title has most in common with the candidate's, if it is enough."""
    table, seeds, row = request.table, request.known_seeds, request.rows[position]
    if row < 0 or not len(seeds):
        return ""
    title = table.spans["title"]
    words = table.tokens[seeds, title]
    shared = np.isin(words, table.tokens[row, title]) & (words != PAD) & ~table.vocabulary.is_number[words]
    total = np.fmax(table.totals["title"][seeds], table.totals["title"][row])
    share = (table.vocabulary.weights[words] * shared).sum(axis=1) / total
    best = int(np.nan_to_num(share).argmax())
    return _title(request, best) if share[best] >= _SAME_NAME else ""


def _first(request: FeatureRequest, holds: NDArray[np.bool_]) -> str:
    return _title(request, int(holds.argmax())) if holds.any() else ""


def _title(request: FeatureRequest, place: int) -> str:
    title: str = request.table.titles[request.known_seeds[place]]
    return title
