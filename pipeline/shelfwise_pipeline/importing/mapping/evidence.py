"""Tells what a column's values look like: ids, titles, prices, times, …"""

from collections.abc import Callable

import polars as pl

from shelfwise_pipeline.importing.mapping.decimals import proofs
from shelfwise_pipeline.importing.mapping.numbers import number
from shelfwise_pipeline.importing.mapping.times import SLASHED, time
from shelfwise_pipeline.importing.mapping.truths import truth

ENOUGH = 0.8
"""The share of a column's values that must look like a field's for the column to be proposed."""
MOST_NUMBERS = 50
"""More distinct numbers than this are measurements; fewer, such as years, may group products."""
WORD = r"\p{L}[\p{L}\p{M}]|[\p{Han}\p{Hiragana}\p{Katakana}]"
"""Two letters, or a letter and its vowel ("की"), which may be a mark. In scripts without spaces one letter suffices ("本")."""
IMAGE = r"(?i)^https?://\S+\.(jpe?g|png|webp|gif|avif)(\?|$)"


class Evidence:
    """A column of a sample. All shares are of its non-null values."""

    def __init__(self, values: pl.Series) -> None:
        self.all = values
        self.values = values.drop_nulls()
        self.filled = self.values.len() / values.len() if values.len() else 0.0
        self.distinct = self.values.n_unique()
        self.distinct_share = self.distinct / self.values.len() if self.values.len() else 0.0
        self.length = float(self.values.str.len_chars().cast(pl.Float64).mean() or 0.0) if self.values.len() else 0.0  # type: ignore[arg-type]
        self.proofs = proofs(self.values)
        self.numbers = self._read(number(pl.col("value"), self.proofs.decimal))

    def is_id(self) -> bool:
        """Whether the values are short and not prose."""
        return self.filled > 0 and self.length <= 64 and self.share(pl.col("value").str.contains(r"\s\S+\s")) < 0.2

    def is_text(self) -> bool:
        return self.share(pl.col("value").str.contains(WORD)) >= ENOUGH and not self.is_address()

    def is_number(self) -> bool:
        return self.numbers.len() > 0 and 1 - self.numbers.null_count() / self.numbers.len() >= ENOUGH

    def is_whole(self) -> bool:
        return self.is_number() and bool((self.numbers.drop_nulls() % 1 == 0).all())

    def is_rating(self) -> bool:
        found = self.numbers.drop_nulls()
        return self.is_number() and bool(found.is_between(0, 100).all())

    def is_address(self) -> bool:
        return self.share(pl.col("value").str.contains(r"^https?://")) >= ENOUGH

    def is_image(self) -> bool:
        return self.share(pl.col("value").str.contains(IMAGE)) >= ENOUGH

    def is_truth(self) -> bool:
        return self.share(truth(pl.col("value")).is_not_null()) >= ENOUGH

    def is_time(self) -> bool:
        return self.share(time(pl.col("value")).is_not_null()) >= ENOUGH or self.is_slashed()

    def is_slashed(self) -> bool:
        formats = [
            pl.col("value").str.slice(0, 10).str.extract(r"^(\S+)", 1).str.to_date(form, strict=False) for form in SLASHED
        ]
        return self.share(pl.coalesce(formats).is_not_null()) >= ENOUGH

    def is_label(self) -> bool:
        """Whether there are few short values that repeat: an attribute, a grade."""
        most = MOST_NUMBERS if self.is_number() else max(20, 0.2 * self.values.len())
        return 2 <= self.distinct <= most and self.length <= 40 and self.filled > 0.05

    def _read(self, expression: pl.Expr) -> pl.Series:
        return self.values.to_frame("value").select(expression.alias("read"))["read"]

    def share(self, expression: pl.Expr) -> float:
        """Return the share of values for which an expression over `value` is true."""
        return float(self._read(expression.fill_null(False)).cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]


ACCEPTED: dict[str, Callable[[Evidence], bool]] = {
    "product_id": Evidence.is_id,
    "event_id": lambda column: column.is_id() and column.distinct_share > 0.999,
    "user_id": Evidence.is_id,
    "session_id": Evidence.is_id,
    "request_id": Evidence.is_id,
    "variant_group": Evidence.is_id,
    "title": Evidence.is_text,
    "query": Evidence.is_text,
    "description": Evidence.is_text,
    "brand": Evidence.is_text,
    "price": Evidence.is_number,
    "value": Evidence.is_number,
    "rating": Evidence.is_rating,
    "rating_count": Evidence.is_whole,
    "quantity": Evidence.is_whole,
    "position": Evidence.is_whole,
    "currency": lambda column: column.is_label() or column.distinct == 1,
    "image_url": Evidence.is_address,
    "in_stock": Evidence.is_truth,
    "created_at": Evidence.is_time,
    "timestamp": Evidence.is_time,
    "type": Evidence.is_label,
    "grade": lambda column: column.distinct <= 100 and (column.is_number() or column.is_label()),
}
