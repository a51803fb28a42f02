"""Everything that a bundle is made from, in memory, whatever its origin."""

from dataclasses import dataclass, field

import polars as pl

from shelfwise_pipeline.examples.split import Split, split_times
from shelfwise_pipeline.importing.columns import EVENT_COLUMNS, JUDGEMENT_COLUMNS

TAUGHT_BY = ("type", "product_id", "user_id", "session_id", "timestamp")
"""The columns of events that a bundle is made from."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop at one moment. Nothing in it is younger than what the bundle may know."""

    products: pl.DataFrame
    """PRODUCT_COLUMNS, in any order."""
    events: pl.DataFrame = field(default_factory=EVENT_COLUMNS.to_frame)
    """EVENT_COLUMNS, at least TAUGHT_BY of them, in the order of time."""
    judgements: pl.DataFrame = field(default_factory=JUDGEMENT_COLUMNS.to_frame)
    """JUDGEMENT_COLUMNS. A column `part` ("train" or "validation") may tell which queries teach and which choose; otherwise a
    hash of the query decides."""
    split: Split | None = None
    """The periods of events that teach, choose and judge; None: by quantiles of the times."""

    def periods(self) -> Split | None:
        """Return the given split, or one by quantiles; None if the events are too few to learn from."""
        return self.split or split_times(self.events)
