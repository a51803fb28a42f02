"""Baskets: what was bought, or looked at, together."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise_pipeline.examples.histories import GRADE_OF_KIND
from shelfwise_ranker.event_log import KINDS, PURCHASE
from shelfwise_ranker.living.identity import shopper_names
from shelfwise_ranker.products import ProductTable, Rows

_GRADES = np.array([GRADE_OF_KIND.get(kind, 0) for kind in range(max(KINDS.values()) + 1)], dtype=np.int8)


@dataclass(frozen=True)
class Baskets:
    """Baskets in the order of their first events. A basket is a session, or one user's events of one moment; impressions are
    left out.

    Within a basket, events are in the order of time, and those of one moment in a pseudo-random order: the order in which the
    lines of an order are stored does not tell which was chosen first.
    """

    starts: NDArray[np.int64]  # [baskets + 1] into the arrays of events
    times: NDArray[np.float64]  # [baskets] of the first event, seconds since 1970
    users: NDArray[np.int32]  # [baskets] numbered as in EventLog
    bought_at: NDArray[np.float64]  # [baskets] of the first purchase; infinite if nothing was bought
    rows: Rows  # [events]
    kinds: NDArray[np.int8]  # [events]
    moments: NDArray[np.float64]  # [events] ascending within a basket

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def of(cls, table: ProductTable, events: pl.DataFrame) -> "Baskets":
        """Build the baskets of the products that the table holds. The same events, in any order, make the same baskets."""
        if events.height == 0:
            nothing, never = np.empty(0, np.int32), np.empty(0)
            return cls(np.zeros(1, np.int64), never, nothing, never, nothing, np.empty(0, np.int8), never)
        row_of = pl.DataFrame({"product_id": table.ids, "row": np.arange(len(table), dtype=np.int32)})
        frame = (
            events.select(
                "product_id",
                time=pl.col("timestamp").dt.epoch("us") / 1e6,
                kind=pl.col("type").replace_strict(KINDS, return_dtype=pl.Int8),
                user=shopper_names(),
                basket=pl.coalesce("session_id", pl.format("{} {}", "user_id", pl.col("timestamp").dt.epoch("us"))),
            )
            .join(row_of, on="product_id", how="inner", maintain_order="left")
            .with_columns(user=pl.col("user").rank("dense") - 1)
            .filter(pl.col("kind") > 0)
            .with_columns(first=pl.col("time").min().over("basket"), basket=pl.col("basket").rank("dense"))
            .with_columns(lot=pl.struct("row", "basket").hash(seed=0))
            .sort("first", "basket", "time", "lot", "row", "kind")
        )
        basket = frame["basket"].to_numpy()
        starts = np.concatenate([[0], np.flatnonzero(np.diff(basket)) + 1, [len(basket)]]).astype(np.int64)
        if not len(basket):
            starts = np.zeros(1, np.int64)
        kinds = frame["kind"].to_numpy().astype(np.int8)
        moments = frame["time"].to_numpy()
        bought_at = np.full(len(starts) - 1, np.inf)
        np.minimum.at(
            bought_at, np.repeat(np.arange(len(starts) - 1), np.diff(starts)), np.where(kinds == PURCHASE, moments, np.inf)
        )
        return cls(
            starts,
            frame["first"].to_numpy()[starts[:-1]],
            frame["user"].to_numpy()[starts[:-1]].astype(np.int32),
            bought_at,
            frame["row"].to_numpy().astype(np.int32),
            kinds,
            moments,
        )

    def between(self, start: float, end: float) -> NDArray[np.int64]:
        """Return the numbers of the baskets that began in [start, end)."""
        first, last = np.searchsorted(self.times, [start, end])
        return np.arange(first, last)

    def held(self, basket: int, until: float = np.inf, since: float = -np.inf) -> tuple[Rows, NDArray[np.int8]]:
        """Return the products in the order in which they came, each once, with its best grade (bought 3, in the cart 2, looked
        at 1).

        If anything was bought, only purchases are returned: what was looked at on the way is no answer then. Events before
        `since`, or at or after `until`, do not count, because a session may go on for weeks.
        """
        part = self._between(basket, since, until)
        rows, kinds = self.rows[part], self.kinds[part]
        if (kinds == PURCHASE).any():
            rows, kinds = rows[kinds == PURCHASE], kinds[kinds == PURCHASE]
        distinct, first, place = np.unique(rows, return_index=True, return_inverse=True)
        grades = np.zeros(len(distinct), dtype=np.int8)
        np.maximum.at(grades, place, _GRADES[kinds])
        order = np.argsort(first)
        return distinct[order].astype(np.int32), grades[order]

    def on_the_way(self, basket: int, until: float = np.inf) -> list[tuple[float, float]]:
        """Return the intervals between consecutive moments of the basket, from the first view or addition to the cart to the
        last purchase (before `until`); none if nothing was bought after that."""
        part = self._between(basket, -np.inf, until)
        moments, bought = self.moments[part], self.kinds[part] == PURCHASE
        first, last = moments[~bought].min(initial=np.inf), moments[bought].max(initial=-np.inf)
        return list(pairwise(np.unique(moments[(moments >= first) & (moments <= last)]).tolist()))

    def _between(self, basket: int, since: float, until: float) -> slice:
        """Return the events of the basket in [since, until)."""
        start, end = int(self.starts[basket]), int(self.starts[basket + 1])
        first, last = np.searchsorted(self.moments[start:end], [since, until]).tolist()
        return slice(start + first, start + last)
