"""Makes the history of a question's user from the known events, with the ranker's own code."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from shelfwise.contracts.history import History
from shelfwise_ranker.event_log import KINDS
from shelfwise_ranker.history import history_of


@dataclass(frozen=True)
class Shoppers:
    """Events by user."""

    events: dict[str, pl.DataFrame]

    @classmethod
    def nobody(cls) -> Self:
        return cls({})

    @classmethod
    def of(cls, events: pl.DataFrame) -> Self:
        """From `events` with EVENT_COLUMNS."""
        told = events.filter(pl.col("user_id").is_not_null()).select(
            "user_id",
            "product_id",
            kind=pl.col("type").replace_strict(KINDS, return_dtype=pl.Int8),
            time=pl.col("timestamp").dt.epoch("us") / 1e6,
        )
        return cls({str(user): frame for (user,), frame in told.partition_by("user_id", as_dict=True).items()})

    def history(self, user: str, now: float) -> History:
        """What `user` did before `now` (seconds since 1970); an empty history for an unknown user."""
        frame = self.events.get(user)
        if frame is None:
            return history_of([], np.empty(0, np.int8), np.empty(0), now)
        return history_of(frame["product_id"].to_list(), frame["kind"].to_numpy(), frame["time"].to_numpy(), now)
