"""What a shopper's history says about products never touched: by their category, brand, price and title words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shelfwise_ranker.features.base import Columns, Feature
from shelfwise_ranker.features.past import Column
from shelfwise_ranker.features.relative import minus_mean
from shelfwise_ranker.features.request import FeatureRequest

Codes = NDArray[np.integer[Any]]


class Affinity(Feature):
    """The share of the history, by weight, that has something in common with the candidate, and how long ago that was."""

    family = "affinity"
    columns = (
        "history_share_of_category",
        "history_share_of_parent",
        "history_share_of_brand",
        "history_share_of_text",  # products with the same text, the candidate itself included
        "history_days_since_category",  # log(1 + days)
        "history_days_since_parent",
        "history_category_minus_mean",
    )
    inputs = frozenset({"past", "table", "rows", "unknown"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        past, table, rows = request.past, request.table, request.rows
        if not len(past.rows):
            out[:] = np.nan
            return
        total = past.weights.sum() or np.float32(1.0)
        last = past.last[:-1]
        for position, codes in enumerate((table.leaf, table.parent, table.brand, table.text)):
            out[:, position] = _sum_of_equal(codes[past.rows], past.weights, codes[rows]) / total
        for position, codes in enumerate((table.leaf, table.parent), start=4):
            out[:, position] = np.log1p(_least_of_equal(codes[past.rows], last, codes[rows]))
        if request.unknown is not None:
            out[request.unknown] = np.nan
        out[:, 6] = minus_mean(out[:, 0])


class PriceToHistory(Feature):
    """Log price minus the mean log price of what the shopper bought or touched, and its absolute value."""

    family = "price"
    columns = ("price_to_history", "price_distance_to_history")
    inputs = frozenset({"past", "table", "rows"})

    def compute(self, request: FeatureRequest, out: Columns) -> None:
        past = request.past
        prices = request.table.log_price[past.rows]
        known = prices == prices
        weight = past.weights[known].sum() if len(prices) else 0.0
        if not weight:
            out[:] = np.nan
            return
        distance = request.table.log_price[request.rows] - (prices[known] @ past.weights[known]) / weight
        out[:, 0] = distance
        out[:, 1] = np.abs(distance)


def _sum_of_equal(codes: Codes, weights: Column, asked: Codes) -> Column:
    """[asked] the sum of the weights with the same code; the cost grows with the history, not with the catalog."""
    distinct, group = np.unique(codes, return_inverse=True)
    sums = np.bincount(group, weights=weights)
    place = np.minimum(np.searchsorted(distinct, asked), len(distinct) - 1)
    return np.where(distinct[place] == asked, sums[place], 0.0).astype(np.float32)


def _least_of_equal(codes: Codes, values: Column, asked: Codes) -> Column:
    """[asked] the least of the values with the same code; NaN if there is none."""
    distinct, group = np.unique(codes, return_inverse=True)
    least = np.full(len(distinct), np.inf, dtype=np.float32)
    np.minimum.at(least, group, values)
    place = np.minimum(np.searchsorted(distinct, asked), len(distinct) - 1)
    return np.where(distinct[place] == asked, least[place], np.nan).astype(np.float32)
