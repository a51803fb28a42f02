"""Completes rows that leave out what the row before has: a product's further variants, an order's further lines."""

import polars as pl

from shelfwise_pipeline.importing.mapping.model import Filling

_RUN = "__run"


class Filled:
    """Fills the rows of one file, which come in parts. Among consecutive rows with the same `by`, an empty column of the
    filling takes the last value present."""

    def __init__(self, filling: Filling) -> None:
        self._by = pl.col(filling.by)
        self._columns = [*dict.fromkeys(filling.columns)]
        self._last: pl.DataFrame | None = None

    def next(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the file's next rows, filled, in their order."""
        known = [self._by, *map(pl.col, self._columns)]
        before = 0 if self._last is None else self._last.height
        frame = rows if self._last is None else pl.concat([self._last, rows], how="diagonal_relaxed")
        run = (self._by.ne_missing(self._by.shift()) | self._by.is_null()).cum_sum().alias(_RUN)
        filled = frame.with_columns(run).with_columns(pl.col(self._columns).forward_fill().over(_RUN)).drop(_RUN)
        self._last = filled.select(known).tail(1)
        return filled.slice(before).select(rows.columns)
