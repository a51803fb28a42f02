"""What shoppers did with each product, as of a moment."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_ranker.distinct import distinct
from shelfwise_ranker.event_log import CART, PURCHASE, VIEW, EventLog
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.tallies import COLUMNS, DAY_S, Tallies, and_unknown

__all__ = ["COLUMNS", "FILE", "HALF_LIFE_DAYS", "WEIGHTS", "BehaviorStats", "weight_of_kind"]

FILE = "behavior.parquet"

HALF_LIFE_DAYS = 30.0
WEIGHTS = {PURCHASE: 1.0, CART: 0.3, VIEW: 0.1}
"""How much each kind of event adds to the decayed count."""


@dataclass(frozen=True)
class BehaviorStats:
    """`values` [n + 1, columns] float32, aligned to the product table's rows; the last row (unknown product) is NaN.

    Stored row by row: a request looks up a hundred products anywhere in the catalog, all columns of each.
    """

    values: NDArray[np.float32]
    as_of: float  # seconds since 1970; only events strictly before it were counted

    @classmethod
    def empty(cls, table: ProductTable, as_of: float = 0.0) -> "BehaviorStats":
        """The statistics before the first event."""
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
        pairs = distinct(recent.rows.astype(np.int64) * (int(recent.users.max(initial=0)) + 1) + recent.users)
        buyers = np.bincount(pairs // (int(recent.users.max(initial=0)) + 1), minlength=count).astype(np.float64)
        leaf = table.leaf[:-1]
        of_category = np.bincount(leaf, weights=quarter, minlength=1)[leaf] if count else quarter
        tallies = Tallies(
            purchases_7d=week,
            purchases_30d=month,
            purchases_90d=quarter,
            views_30d=per_product(VIEW, 30),
            carts_30d=per_product(CART, 30),
            buyers_90d=buyers,
            decayed=_decayed(log, as_of, count),
            last_purchase=_last_purchase(log, as_of, count),
        )
        known = tallies.statistics(np.asarray(of_category, np.float64), as_of)
        return cls(and_unknown(known), float(as_of))

    def save(self, folder: Path, table: ProductTable) -> None:
        """Write behavior.parquet: one row per product, in the table's order."""
        frame = pl.DataFrame({"product_id": table.ids, **{name: self.values[:-1, i] for i, name in enumerate(COLUMNS)}})
        frame.write_parquet(folder / FILE, compression="zstd", metadata={"as_of": repr(float(self.as_of))})

    @classmethod
    def load(cls, folder: Path, table: ProductTable) -> "BehaviorStats":
        """Read what `save` wrote.

        Raises:
            BundleDamaged: the file is unreadable, or its products are not the table's.
        """
        path = folder / FILE
        try:
            frame = pl.read_parquet(path)
            known = frame.select(COLUMNS).to_numpy(order="c").astype(np.float32)
            as_of = float(pl.read_parquet_metadata(path)["as_of"])
        except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as error:
            raise BundleDamaged(f"{FILE} cannot be read: {error}; build the bundle again") from error
        if frame["product_id"].to_list() != table.ids:
            raise BundleDamaged(
                f"{FILE}: expected the {len(table)} products of the table, found others; build the bundle again"
            )
        return cls(and_unknown(known), float(as_of))


def weight_of_kind() -> NDArray[np.float64]:
    """What each kind of event adds to the decayed count, indexed by its number."""
    weights = np.zeros(max(WEIGHTS) + 1)
    weights[list(WEIGHTS)] = list(WEIGHTS.values())
    return weights


def day_of(times: NDArray[np.float64]) -> NDArray[np.int64]:
    """Days since 1970, UTC, from seconds since 1970."""
    return np.floor(times / DAY_S).astype(np.int64)


def decayed_weights(kinds: NDArray[np.int8], times: NDArray[np.float64], as_of: float) -> NDArray[np.float64]:
    """What events add to the decayed count at `as_of`, times in seconds since 1970.

    A purchase costs money and counts each time. Views and carts are free and count once a day per shopper, product and kind, so
    that a shopper who reloads a page does not make it popular. They count from the beginning of their day, so that it does not
    matter which of them is counted.
    """
    since = np.where(kinds == PURCHASE, times, np.floor(times / DAY_S) * DAY_S)
    return weight_of_kind()[kinds] * decay(as_of - since)


def decay(age_s: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """What remains of 1 after `age_s` seconds."""
    return np.exp2(np.divide(age_s, -HALF_LIFE_DAYS * DAY_S))


def _decayed(log: EventLog, as_of: float, count: int) -> NDArray[np.float64]:
    past = log.between(-np.inf, as_of)
    is_bought = past.kinds == PURCHASE
    columns = {"row": past.rows, "user": past.users, "kind": past.kinds, "day": day_of(past.times)}
    free = pl.DataFrame({"place": np.arange(len(past.rows)), **columns}).filter(~is_bought)
    once = free.unique(list(columns), maintain_order=True)["place"].to_numpy()
    counted = np.concatenate([np.flatnonzero(is_bought), once])
    weights = decayed_weights(past.kinds[counted], past.times[counted], as_of)
    return np.bincount(past.rows[counted], weights=weights, minlength=count).astype(np.float64)


def _last_purchase(log: EventLog, as_of: float, count: int) -> NDArray[np.float64]:
    bought = log.between(-np.inf, as_of).of_kind(PURCHASE)
    last = np.full(count, np.nan)
    last[bought.rows] = bought.times  # ordered by time: the last assignment stays
    return last
