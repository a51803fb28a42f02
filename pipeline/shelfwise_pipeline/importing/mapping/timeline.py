"""Times for orders that only have the number of days since the previous order.

The orders are collected from the whole file first, so lines may be in any order. Memory is one row per order.
"""

from datetime import datetime, time

import polars as pl

from shelfwise_pipeline.importing.columns import UTC_TIME
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.mapping.model import Timeline
from shelfwise_pipeline.importing.mapping.numbers import number
from shelfwise_pipeline.importing.mapping.texts import nulled

TIME = "__time"


class OrderTimes:
    """Computes the moment of every order in a file."""

    def __init__(self, timeline: Timeline, file: SourceFile, null_values: list[str]) -> None:
        self._timeline = timeline
        key, days = [timeline.per, timeline.order], _or_none(timeline.days).alias("days")
        hour = _or_none(timeline.hour) if timeline.hour else pl.lit(0.0)
        start = pl.lit(datetime.combine(timeline.start, time.min), pl.Datetime("us")).dt.replace_time_zone("UTC")
        frames = (
            chunk.frame.with_columns(nulled(list(timeline.used), null_values)) for chunk in file.chunks(only=timeline.used)
        )
        parts = [frame.select(*key, days, hour.alias("hour")).unique(key) for frame in frames]
        orders = pl.concat(parts).unique(key, keep="first", maintain_order=True) if parts else None
        self._times = (
            pl.DataFrame(schema=dict.fromkeys(key, pl.String) | {TIME: UTC_TIME})
            if orders is None
            else orders.with_columns(number(pl.col(timeline.order)).alias("__number"))
            .sort("__number")
            .select(
                *key, (start + pl.duration(hours=pl.col("days").cum_sum().over(timeline.per) * 24 + pl.col("hour"))).alias(TIME)
            )
        )

    def timed(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Return the rows in their order, with their order's moment in the column TIME."""
        key = [self._timeline.per, self._timeline.order]
        return raw.join(self._times, on=key, how="left", maintain_order="left")


def _or_none(column: str) -> pl.Expr:
    """A number: 0 if the field is empty; null if it has anything else, and then the order's time is null, too."""
    return pl.when(pl.col(column).is_null()).then(0.0).otherwise(number(pl.col(column)))
