"""How each product is bought over its whole life, as of a moment: by how many, how often again, after how long, and when."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.errors import BundleDamaged
from shelfwise_ranker import hours
from shelfwise_ranker.event_log import PURCHASE, EventLog
from shelfwise_ranker.products import ProductTable
from shelfwise_ranker.tallies import DAY_S, and_unknown

FILE = "habits.parquet"

PRIOR_BUYERS = 10.0
"""This many buyers of average loyalty are added to each product's own: two buyers, both loyal, prove little."""

COLUMNS = (
    "buyers",  # log(1 + distinct buyers), ever
    "repeat_rate",  # the share of its buyers who bought it again; few buyers count as average ones
    "purchases_per_buyer_ever",  # log
    "repeat_interval",  # log(1 + mean days) from one purchase to the same buyer's next; NaN if nobody bought it twice
    "purchases_14d",  # log(1 + purchases)
    "trend_14d_90d",  # log of the rate of 14 days over that of 90 days plus one purchase; steady is a little below 0
    "days_on_sale",  # log(1 + days) since the first event, or since it was created if that is earlier
    "order_size",  # mean log of the number of products in an order that holds it; NaN if never bought
)


@dataclass(frozen=True)
class HabitStats:
    """Aligned to the product table's rows; the last row (unknown product) is NaN."""

    values: NDArray[np.float32]  # [n + 1, COLUMNS]
    hours: hours.Lifts  # [n + 1, hours.COLUMNS]

    @classmethod
    def empty(cls, table: ProductTable) -> "HabitStats":
        """The statistics before the first event."""
        return cls.compute(table, EventLog.empty(), 0.0)

    @classmethod
    def compute(cls, table: ProductTable, log: EventLog, as_of: float, usual_loyalty: float | None = None) -> "HabitStats":
        """Statistics from the events of `log` strictly before `as_of`; the same offline and for the bundle.

        `usual_loyalty` replaces the repeat rate of all products in the log, if they are a few of a larger catalog.
        """
        count = len(table)
        past = log.between(-np.inf, as_of)
        bought = _orders(past.of_kind(PURCHASE))
        pairs, place, times = np.unique(_pair(bought, count), return_inverse=True, return_counts=True)
        product = pairs % max(count, 1)
        buyers = np.bincount(product, minlength=count).astype(np.float64)
        again = np.bincount(product[times > 1], minlength=count).astype(np.float64)
        purchases = np.bincount(bought.rows, minlength=count).astype(np.float64)
        # From a buyer's first purchase to the last there are times - 1 intervals.
        first, last = np.full(len(pairs), np.inf), np.full(len(pairs), -np.inf)
        np.minimum.at(first, place, bought.times)
        np.maximum.at(last, place, bought.times)
        spans = np.bincount(product, weights=last - first, minlength=count) / DAY_S
        intervals = purchases - buyers
        usual = again.sum() / max(buyers.sum(), 1.0) if usual_loyalty is None else usual_loyalty
        fortnight, quarter = (
            np.bincount(bought.between(as_of - days * DAY_S, as_of).rows, minlength=count) for days in (14, 90)
        )
        columns = {
            "buyers": np.log1p(buyers),
            "repeat_rate": (again + PRIOR_BUYERS * usual) / (buyers + PRIOR_BUYERS),
            "purchases_per_buyer_ever": np.log(np.maximum(purchases, 1) / np.maximum(buyers, 1)),
            "repeat_interval": np.log1p(np.where(intervals > 0, spans / np.maximum(intervals, 1), np.nan)),
            "purchases_14d": np.log1p(fortnight),
            "trend_14d_90d": np.log((fortnight + 0.5) / ((quarter + 1) * 14 / 90 + 0.5)),
            "days_on_sale": np.log1p(np.maximum(as_of - _first_seen(table, past), 0.0) / DAY_S),
            "order_size": _order_size(bought, count),
        }
        known = np.stack([columns[name] for name in COLUMNS], axis=1)
        return cls(and_unknown(known.astype(np.float32)), and_unknown(hours.lifts(count, bought)))

    def usual_loyalty(self) -> float:
        """The share of all buyers who bought again, recovered from what each product's rate was pulled towards; 0 without
        buyers."""
        buyers, rates = (self.values[:-1, COLUMNS.index(name)].astype(np.float64) for name in ("buyers", "repeat_rate"))
        weights = np.expm1(buyers) + PRIOR_BUYERS
        known = ~np.isnan(rates)
        return float((rates[known] * weights[known]).sum() / weights[known].sum()) if known.any() else 0.0

    def begin(self, rows: NDArray[np.int32], table: ProductTable, now: float, usual_loyalty: float) -> None:
        """Fill these rows of `table` for products that nobody has bought yet."""
        new = replace(table, ids=[table.ids[row] for row in rows], created_at=np.append(table.created_at[rows], np.nan))
        begun = HabitStats.compute(new, EventLog.empty(), now, usual_loyalty)
        self.values[rows], self.hours[rows] = begun.values[:-1], begun.hours[:-1]

    def save(self, folder: Path, table: ProductTable) -> None:
        """Write habits.parquet: one row per product, in the table's order."""
        frame = pl.DataFrame(
            {
                "product_id": table.ids,
                **{name: self.values[:-1, i] for i, name in enumerate(COLUMNS)},
                **{name: self.hours[:-1, i].astype(np.float32) for i, name in enumerate(hours.COLUMNS)},
            }
        )
        frame.write_parquet(folder / FILE, compression="zstd")

    @classmethod
    def load(cls, folder: Path, table: ProductTable) -> "HabitStats":
        """Read what `save` wrote.

        Raises:
            BundleDamaged: the file is unreadable, or its products are not the table's.
        """
        try:
            frame = pl.read_parquet(folder / FILE)
            known = frame.select(COLUMNS).to_numpy(order="c").astype(np.float32)
            lifts = frame.select(hours.COLUMNS).to_numpy(order="c").astype(np.float16)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise BundleDamaged(f"{FILE} cannot be read: {error}; build the bundle again") from error
        if frame["product_id"].to_list() != table.ids:
            raise BundleDamaged(
                f"{FILE}: expected the {len(table)} products of the table, found others; build the bundle again"
            )
        return cls(and_unknown(known), and_unknown(lifts))


def _pair(bought: EventLog, count: int) -> NDArray[np.int64]:
    """One number per pair of buyer and product."""
    return bought.users.astype(np.int64) * max(count, 1) + bought.rows


def _orders(bought: EventLog) -> EventLog:
    """Each combination of buyer, product and moment once: two lines of an order are one purchase."""
    if not len(bought):
        return bought
    # Sorted by time alone, equal purchases need not be adjacent; sorted by all three numbers they are.
    order = np.lexsort((bought.rows, bought.users, bought.times))
    users, rows, times = bought.users[order], bought.rows[order], bought.times[order]
    new = np.append(True, (np.diff(users) != 0) | (np.diff(rows) != 0) | (np.diff(times) != 0))
    kept = order[new]
    return EventLog(bought.rows[kept], bought.times[kept], bought.kinds[kept], bought.users[kept])


def _first_seen(table: ProductTable, past: EventLog) -> NDArray[np.float64]:
    """[n] seconds since 1970 of the first event or of the creation, whichever is earlier; NaN without either."""
    return np.asarray(np.fmin(past.first_times(len(table)), table.created_at[:-1]))


def _order_size(bought: EventLog, count: int) -> NDArray[np.float64]:
    """[n] the mean of log(products of the order) over the orders with the product."""
    if not len(bought):
        return np.full(count, np.nan)
    new = np.append(True, (np.diff(bought.users) != 0) | (np.diff(bought.times) != 0))
    number = np.cumsum(new) - 1  # `_orders` left them sorted by time, then buyer
    size = np.log(np.bincount(number))[number]
    lines = np.bincount(bought.rows, minlength=count)
    return np.asarray(np.bincount(bought.rows, weights=size, minlength=count) / np.where(lines > 0, lines, np.nan))
