"""Determines a column's decimal sign: `1.299` is 1299 if another row has `49,90`."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from shelfwise_pipeline.importing.mapping.numbers import digits

Decimal = Literal[".", ","]
DOUBTFUL = r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"
"""Thousands or three decimals: only other values can tell."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """The signs that a column's values prove to be its decimal sign."""

    point: bool = False
    comma: bool = False

    @property
    def decimal(self) -> Decimal | None:
        """The only sign that is proved; None if none is, or both are."""
        if self.point == self.comma:
            return None
        return "," if self.comma else "."

    def __or__(self, other: "Proofs") -> "Proofs":
        return Proofs(self.point or other.point, self.comma or other.comma)


def proofs(texts: pl.Series) -> Proofs:
    """Return what a column's texts prove together."""
    signs = texts.to_frame("text").select(proved(pl.col("text")))["text"]
    return Proofs(point=bool((signs == ".").any()), comma=bool((signs == ",").any()))


def doubtful(text: pl.Expr) -> pl.Expr:
    return text.str.contains(DOUBTFUL)


def taken_for_a_fraction(text: pl.Expr) -> pl.Expr:
    """Whether a text is doubtful and taken for a fraction if nothing tells. `1,299` is then a thousand, as shops that group
    with commas write it."""
    return doubtful(text) & text.str.contains(".", literal=True)


def proved(text: pl.Expr) -> pl.Expr:
    """The sign that the text alone proves to be the decimal one: "." or ",", else null.

    It is the later of two kinds of signs, the other one if a sign groups three digits more than once, or a sign that cannot
    group.
    """
    return text.map_batches(_proved, return_dtype=pl.String, is_elementwise=True)


def _proved(texts: pl.Series) -> pl.Series:
    """Matches patterns only on distinct texts, because prices and quantities repeat."""
    distinct = texts.unique().drop_nulls()
    body = digits(pl.col("text"))
    comma = body.str.contains(r"^[\d.]*\.[\d.]*,\d+$|^\d{1,3}(\.\d{3}){2,}$|^\d+,\d+$")
    point = body.str.contains(r"^[\d,]*,[\d,]*\.\d+$|^\d{1,3}(,\d{2,3})+,\d{3}$|^\d+\.\d+$")
    told = ~doubtful(body)
    sign = pl.when(told & comma).then(pl.lit(",")).when(told & point).then(pl.lit("."))
    signs = distinct.to_frame("text").select(sign.alias("sign"))["sign"]
    return texts.replace_strict(distinct, signs, default=None, return_dtype=pl.String)
