"""What sells now, the same for every user."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import polars as pl

from benchmarks.quality.peers.items import Items
from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.protocol import Known, Question


class Popularity(ScoringPeer):
    """The number of purchase lines in the last `days`."""

    def __init__(self, days: int) -> None:
        super().__init__(f"popularity, {days} days")
        self._days = days

    def learn(self, known: Known) -> None:
        self._counts = recent_counts(known, self.items, self._days)

    def scores(self, questions: Sequence[Question]) -> Scores:
        return np.tile(self._counts, (len(questions), 1))


def recent_counts(known: Known, items: Items, days: int) -> Scores:
    """[items]: purchase lines in the last `days` before the moment of the questions."""
    counts = np.zeros(len(items), dtype=np.float32)
    moment = known.moment or known.events["timestamp"].max()
    if moment is None:
        return counts
    recent = known.purchases().filter(pl.col("timestamp") >= pl.lit(moment) - timedelta(days=days))
    np.add.at(counts, items.numbers(recent["product_id"]), 1.0)
    return counts
