"""Events known at a moment, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise_ranker.living.identity import shopper_names

WEIGHTS = {"purchase": 1.0, "add_to_cart": 0.5, "view": 0.25}
"""How much an event tells about a shopper's interest, relative to a purchase. Impressions are left out: they are the shop's
doing and tell nothing."""


@dataclass(frozen=True, slots=True)
class BehaviorLog:
    """One entry per event, in the order of time; equal times in the order of the frame."""

    rows: NDArray[np.int32]
    age_days: NDArray[np.float64]  # before the moment of the fit, not negative
    weights: NDArray[np.float32]  # as WEIGHTS
    baskets: NDArray[np.int32]  # numbered from 0
    users: NDArray[np.int32]  # numbered from 0; a session without a user is one
    products: int

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, product_ids: Sequence[str], events: pl.DataFrame, as_of: datetime | None) -> "BehaviorLog":
        """Take the events of known products strictly before `as_of`; all events when None, with the last one's time as the
        moment.

        A basket is a session, or one user's events of one moment.
        """
        row_of = pl.DataFrame({"product_id": product_ids, "row": np.arange(len(product_ids), dtype=np.int32)})
        past = events if as_of is None else events.filter(pl.col("timestamp") < as_of)
        known = (
            past.filter(pl.col("type").is_in(list(WEIGHTS)))
            .select("product_id", "timestamp", "type", "user_id", "session_id")
            .join(row_of, on="product_id", how="inner", maintain_order="left")
            .sort("timestamp", maintain_order=True)
            .with_columns(user=shopper_names())
        )
        moment = as_of or known["timestamp"].max()
        if known.is_empty():
            return cls.none(len(product_ids))
        numbered = known.select(
            "row",
            age=(pl.lit(moment) - pl.col("timestamp")).dt.total_microseconds() / 86_400e6,
            weight=pl.col("type").replace_strict(WEIGHTS, return_dtype=pl.Float32),
            user=pl.col("user").rank("dense") - 1,
            basket=pl.coalesce("session_id", pl.format("{} {}", "user_id", pl.col("timestamp").dt.epoch("us"))).rank("dense")
            - 1,
        )
        return cls(
            numbered["row"].to_numpy(),
            numbered["age"].to_numpy(),
            numbered["weight"].to_numpy(),
            numbered["basket"].to_numpy().astype(np.int32),
            numbered["user"].to_numpy().astype(np.int32),
            len(product_ids),
        )

    @classmethod
    def none(cls, products: int) -> "BehaviorLog":
        nobody = np.empty(0, np.int32)
        return cls(nobody, np.empty(0), np.empty(0, np.float32), nobody, nobody, products)
