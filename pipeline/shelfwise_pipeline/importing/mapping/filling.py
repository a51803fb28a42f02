"""Rows that go on where the one before them left off: a product's further variants, an order's further lines."""

import polars as pl

from shelfwise_pipeline.importing.mapping.model import Filling

_RUN = "__run"


class Filled:
    """For one file, whose rows come in parts. Of several rows in a row with the same `by`, an empty column of the filling takes
    the last value that was there."""

    def __init__(self, filling: Filling) -> None:
        self._by = pl.col(filling.by)
        self._columns = [*dict.fromkeys(filling.columns)]
        self._last: pl.DataFrame | None = None

    def next(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The file's next rows, in their order, as many as they were."""
        known = [self._by, *map(pl.col, self._columns)]
        before = 0 if self._last is None else self._last.height
        frame = rows if self._last is None else pl.concat([self._last, rows], how="diagonal_relaxed")
        run = (self._by.ne_missing(self._by.shift()) | self._by.is_null()).cum_sum().alias(_RUN)
        filled = frame.with_columns(run).with_columns(pl.col(self._columns).forward_fill().over(_RUN)).drop(_RUN)
        self._last = filled.select(known).tail(1)
        return filled.slice(before).select(rows.columns)
