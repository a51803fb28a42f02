"""Events in arrays, ordered by time, so that any time span is a slice."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise_ranker.living.identity import shopper_names
from shelfwise_ranker.products import ProductTable

IMPRESSION, VIEW, CART, PURCHASE = range(4)
KINDS = {"impression": IMPRESSION, "view": VIEW, "add_to_cart": CART, "purchase": PURCHASE}
"""Each event type's number; a larger one tells more about what a shopper wants."""


@dataclass(frozen=True)
class EventLog:
    """Parallel arrays, one entry per event, sorted by time; only events of products that the table holds."""

    rows: NDArray[np.int32]
    times: NDArray[np.float64]  # seconds since 1970
    kinds: NDArray[np.int8]
    users: NDArray[np.int32]  # numbered; a session counts as a user if its user is not known

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def empty(cls) -> "EventLog":
        none = np.empty(0, np.int32)
        return cls(none, np.empty(0), np.empty(0, np.int8), none)

    @classmethod
    def of(cls, table: ProductTable, events: pl.DataFrame) -> "EventLog":
        """Read events with the columns of the event contract; user_id or session_id may be missing or null.

        Events of equal time are ordered by product and user, not by the frame, so that the result depends on the events alone.
        """
        if events.height == 0:
            return cls.empty()
        absent = {name: pl.lit(None, dtype=pl.String) for name in ("user_id", "session_id") if name not in events.columns}
        row_of = pl.DataFrame({"product_id": table.ids, "row": np.arange(len(table), dtype=np.int32)})
        frame = (
            events.with_columns(**absent)
            .select(
                pl.col("product_id").cast(pl.String),
                (pl.col("timestamp").dt.epoch("us") / 1e6).alias("time"),
                pl.col("type").cast(pl.String).replace_strict(KINDS, return_dtype=pl.Int8).alias("kind"),
                shopper_names().alias("user"),
            )
            .join(row_of, on="product_id", how="inner")
            .sort("time", "row", "user", "kind")
            .with_columns(pl.col("user").rank("dense") - 1)
        )
        return cls(
            rows=frame["row"].to_numpy().astype(np.int32),
            times=frame["time"].to_numpy().astype(np.float64),
            kinds=frame["kind"].to_numpy().astype(np.int8),
            users=frame["user"].to_numpy().astype(np.int32),
        )

    def between(self, start: float, end: float) -> "EventLog":
        """Events at or after `start` and strictly before `end`."""
        first, last = np.searchsorted(self.times, [start, end], side="left")
        return self._take(slice(int(first), int(last)))

    def of_kind(self, kind: int) -> "EventLog":
        return self._take(self.kinds == kind)

    def first_times(self, products: int) -> NDArray[np.float64]:
        """[products] the time of each product's first event; NaN without events."""
        first = np.full(products, np.nan)
        first[self.rows[::-1]] = self.times[::-1]  # from last to first: the assignment of the earliest time stays
        return first

    def _take(self, part: slice | NDArray[np.bool_]) -> "EventLog":
        return EventLog(self.rows[part], self.times[part], self.kinds[part], self.users[part])
