"""All that a bundle is made from, in memory, wherever it was read."""

from dataclasses import dataclass, field

import polars as pl

from shelfwise_pipeline.examples.split import Split, split_times
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, JUDGEMENT_COLUMNS

TAUGHT_BY = ("type", "product_id", "user_id", "session_id", "timestamp")
"""The columns of events that a bundle is made from."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop at one moment: nothing in it is younger than what the bundle may know."""

    products: pl.DataFrame
    """PRODUCT_COLUMNS, in no order."""
    events: pl.DataFrame = field(default_factory=EVENT_COLUMNS.to_frame)
    """EVENT_COLUMNS, at least TAUGHT_BY of them, in the order of time."""
    judgements: pl.DataFrame = field(default_factory=JUDGEMENT_COLUMNS.to_frame)
    """JUDGEMENT_COLUMNS; a column `part` («train» or «validation») may say which queries teach and which choose, otherwise a
    hash of the query does."""
    split: Split | None = None
    """Which time of the events teaches, chooses and judges; None: quantiles of the times."""

    def periods(self) -> Split | None:
        """The split that was given, or one by quantiles; None when the events are too few to learn from."""
        return self.split or split_times(self.events)
