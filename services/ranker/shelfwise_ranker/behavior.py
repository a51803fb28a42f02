"""What shoppers did with each product, as of a moment."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_ranker.event_log import CART, PURCHASE, VIEW, EventLog
from shelfwise_ranker.products import ProductTable

FILE = "behavior.parquet"

DAY_S = 86_400.0
HALF_LIFE_DAYS = 30.0
WEIGHTS = {PURCHASE: 1.0, CART: 0.3, VIEW: 0.1}
"""How much each kind of event adds to the decayed count."""

COLUMNS = (
    "purchases_7d",  # log(1 + purchases) of the last 7 days, and so on
    "purchases_30d",
    "purchases_90d",
    "views_30d",
    "carts_30d",
    "buyers_90d",  # log(1 + distinct buyers)
    "purchases_per_buyer",  # log of 90 days' purchases over their buyers; 0 is once each
    "decayed",  # log(1 + events weighted by kind, halved every 30 days)
    "trend_7d_30d",  # log of the rate of 7 days over the rate of 30 days; 0 is steady
    "trend_30d_90d",
    "category_purchases_90d",
    "share_of_category",  # of its category's purchases of 90 days
    "days_since_purchase",  # log(1 + days), NaN when never bought
)


@dataclass(frozen=True)
class BehaviorStats:
    """`values` [n + 1, columns] float32, aligned to the product table's rows; the last row (unknown product) is NaN."""

    values: NDArray[np.float32]
    as_of: float  # seconds since 1970; only events strictly before it were counted

    @classmethod
    def empty(cls, table: ProductTable, as_of: float = 0.0) -> "BehaviorStats":
        """What is known before the first event."""
        return cls.compute(table, EventLog.empty(), as_of)

    @classmethod
    def compute(cls, table: ProductTable, log: EventLog, as_of: float) -> "BehaviorStats":
        """Statistics from the events of `log` strictly before `as_of`; the same offline and for the bundle."""
        count = len(table)

        def per_product(kind: int, days: float) -> NDArray[np.float64]:
            rows = log.between(as_of - days * DAY_S, as_of).of_kind(kind).rows
            return np.bincount(rows, minlength=count).astype(np.float64)

        week, month, quarter = (per_product(PURCHASE, days) for days in (7, 30, 90))
        recent = log.between(as_of - 90 * DAY_S, as_of).of_kind(PURCHASE)
        pairs = np.unique(recent.rows.astype(np.int64) * (int(recent.users.max(initial=0)) + 1) + recent.users)
        buyers = np.bincount(pairs // (int(recent.users.max(initial=0)) + 1), minlength=count).astype(np.float64)
        leaf = table.leaf[:-1]
        of_category = np.bincount(leaf, weights=quarter, minlength=1)[leaf] if count else quarter
        columns = {
            "purchases_7d": np.log1p(week),
            "purchases_30d": np.log1p(month),
            "purchases_90d": np.log1p(quarter),
            "views_30d": np.log1p(per_product(VIEW, 30)),
            "carts_30d": np.log1p(per_product(CART, 30)),
            "buyers_90d": np.log1p(buyers),
            "purchases_per_buyer": np.log(np.maximum(quarter, 1) / np.maximum(buyers, 1)),
            "decayed": np.log1p(_decayed(log, as_of, count)),
            "trend_7d_30d": _trend(week, 7, month, 30),
            "trend_30d_90d": _trend(month, 30, quarter, 90),
            "category_purchases_90d": np.log1p(of_category),
            "share_of_category": quarter / np.maximum(of_category, 1),
            "days_since_purchase": np.log1p(_days_since(log, as_of, count)),
        }
        known = np.stack([columns[name] for name in COLUMNS], axis=1)
        return cls(np.vstack([known, np.full((1, len(COLUMNS)), np.nan)]).astype(np.float32), float(as_of))

    def save(self, folder: Path, table: ProductTable) -> None:
        """Write behavior.parquet: one row a product, in the table's order."""
        frame = pl.DataFrame({"product_id": table.ids, **{name: self.values[:-1, i] for i, name in enumerate(COLUMNS)}})
        frame.write_parquet(folder / FILE, compression="zstd", metadata={"as_of": repr(float(self.as_of))})

    @classmethod
    def load(cls, folder: Path, table: ProductTable) -> "BehaviorStats":
        """Read what `save` wrote.

        Raises:
            BundleDamaged: unreadable, or its products are not the table's.
        """
        path = folder / FILE
        try:
            frame = pl.read_parquet(path)
            known = frame.select(COLUMNS).to_numpy()
            as_of = float(pl.read_parquet_metadata(path)["as_of"])
        except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
            raise BundleDamaged(f"{FILE} cannot be read: {error}; build the bundle again") from error
        if frame["product_id"].to_list() != table.ids:
            raise BundleDamaged(
                f"{FILE}: expected the {len(table)} products of the table, found others; build the bundle again"
            )
        return cls(np.vstack([known, np.full((1, len(COLUMNS)), np.nan)]).astype(np.float32), float(as_of))


def _trend(short: NDArray[np.float64], short_days: float, long: NDArray[np.float64], long_days: float) -> NDArray[np.float64]:
    """Log ratio of two daily rates, each with one purchase added at the long rate, so that few purchases mean little."""
    expected = (long + 1) * short_days / long_days
    return np.asarray(np.log((short + short_days / long_days + 0.5) / (expected + 0.5)))


def _decayed(log: EventLog, as_of: float, count: int) -> NDArray[np.float64]:
    past = log.between(-np.inf, as_of)
    weight_of_kind = np.zeros(max(WEIGHTS) + 1)
    weight_of_kind[list(WEIGHTS)] = list(WEIGHTS.values())
    weights = weight_of_kind[past.kinds] * np.exp2((past.times - as_of) / (HALF_LIFE_DAYS * DAY_S))
    return np.bincount(past.rows, weights=weights, minlength=count).astype(np.float64)


def _days_since(log: EventLog, as_of: float, count: int) -> NDArray[np.float64]:
    bought = log.between(-np.inf, as_of).of_kind(PURCHASE)
    last = np.full(count, np.nan)
    last[bought.rows] = bought.times  # in order of time: the last assignment stays
    return np.asarray((as_of - last) / DAY_S)
