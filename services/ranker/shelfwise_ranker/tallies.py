"""Counts of what shoppers did with products, and the statistics computed from them: offline, in a bundle, and live."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

DAY_S = 86_400.0

VISIT_S = 4 * 3600.0
"""Anything a shopper did longer ago belongs to another visit."""

COLUMNS = (
    "purchases_7d",  # log(1 + purchases) of the last 7 days, and so on
    "purchases_30d",
    "purchases_90d",
    "views_30d",
    "carts_30d",
    "buyers_90d",  # log(1 + distinct buyers)
    "purchases_per_buyer",  # log of 90 days' purchases per buyer; 0 is once each
    "decayed",  # log(1 + events weighted by kind, halved every 30 days; views and carts once per day and shopper)
    "trend_7d_30d",  # log of the rate of 7 days over the rate of 30 days; 0 is steady
    "trend_30d_90d",
    "category_purchases_90d",
    "share_of_category",  # of its category's purchases of 90 days
    "days_since_purchase",  # log(1 + days), NaN when never bought
)

Counts = NDArray[np.float64]  # [products]

Kind = TypeVar("Kind", np.float16, np.float32)


def and_unknown(known: NDArray[Kind]) -> NDArray[Kind]:
    """[n + 1, columns] `known` and a last row of NaN, for a product that is not in the table."""
    return np.concatenate([known, np.full((1, known.shape[1]), np.nan, known.dtype)])


@dataclass(frozen=True)
class Tallies:
    """One entry per product, in parallel arrays."""

    purchases_7d: Counts
    purchases_30d: Counts
    purchases_90d: Counts
    views_30d: Counts
    carts_30d: Counts
    buyers_90d: Counts
    decayed: Counts
    last_purchase: Counts  # seconds since 1970, NaN when never bought

    def statistics(self, of_category: Counts, now: float) -> NDArray[np.float32]:
        """[products, COLUMNS] as of `now`; `of_category`: the purchases of 90 days in each product's category."""
        week, month, quarter = self.purchases_7d, self.purchases_30d, self.purchases_90d
        columns = {
            "purchases_7d": np.log1p(week),
            "purchases_30d": np.log1p(month),
            "purchases_90d": np.log1p(quarter),
            "views_30d": np.log1p(self.views_30d),
            "carts_30d": np.log1p(self.carts_30d),
            "buyers_90d": np.log1p(self.buyers_90d),
            "purchases_per_buyer": np.log(np.maximum(quarter, 1) / np.maximum(self.buyers_90d, 1)),
            "decayed": np.log1p(self.decayed),
            "trend_7d_30d": _trend(week, 7, month, 30),
            "trend_30d_90d": _trend(month, 30, quarter, 90),
            "category_purchases_90d": np.log1p(of_category),
            "share_of_category": quarter / np.maximum(of_category, 1),
            "days_since_purchase": np.log1p(np.maximum(now - self.last_purchase, 0.0) / DAY_S),
        }
        return np.stack([columns[name] for name in COLUMNS], axis=1).astype(np.float32)


def _trend(short: Counts, short_days: float, long: Counts, long_days: float) -> Counts:
    """Log ratio of two daily rates, each with one purchase added at the long rate, so that few purchases mean little."""
    expected = (long + 1) * short_days / long_days
    return np.asarray(np.log((short + short_days / long_days + 0.5) / (expected + 0.5)))
