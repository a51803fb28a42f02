"""Which sign a column's decimals have: `1.299` is 1299 where `49,90` stands in another row."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from shelfwise_pipeline.importing.mapping.numbers import digits

Decimal = Literal[".", ","]
DOUBTFUL = r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"
"""Thousands or three decimals: only other values tell."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """Which signs the values of a column prove to be its decimal one."""

    point: bool = False
    comma: bool = False

    @property
    def decimal(self) -> Decimal | None:
        """The only sign that is proved; None where none is, or both are."""
        if self.point == self.comma:
            return None
        return "," if self.comma else "."

    def __or__(self, other: "Proofs") -> "Proofs":
        return Proofs(self.point or other.point, self.comma or other.comma)


def proofs(texts: pl.Series) -> Proofs:
    """What a column's texts prove together."""
    signs = texts.to_frame("text").select(proved(pl.col("text")))["text"]
    return Proofs(point=bool((signs == ".").any()), comma=bool((signs == ",").any()))


def doubtful(text: pl.Expr) -> pl.Expr:
    return text.str.contains(DOUBTFUL)


def taken_for_a_fraction(text: pl.Expr) -> pl.Expr:
    """Doubtful, and a fraction where nothing tells; `1,299` is then a thousand, as shops that group with commas write it."""
    return doubtful(text) & text.str.contains(".", literal=True)


def proved(text: pl.Expr) -> pl.Expr:
    """The sign that the text alone proves to be the decimal one: "." or ",", else null.

    That is the later of two kinds, the other one than what groups three digits more than once, and one that cannot group.
    """
    return text.map_batches(_proved, return_dtype=pl.String, is_elementwise=True)


def _proved(texts: pl.Series) -> pl.Series:
    """Patterns only for distinct texts: prices and quantities repeat."""
    distinct = texts.unique().drop_nulls()
    body = digits(pl.col("text"))
    comma = body.str.contains(r"^[\d.]*\.[\d.]*,\d+$|^\d{1,3}(\.\d{3}){2,}$|^\d+,\d+$")
    point = body.str.contains(r"^[\d,]*,[\d,]*\.\d+$|^\d{1,3}(,\d{2,3})+,\d{3}$|^\d+\.\d+$")
    told = ~doubtful(body)
    sign = pl.when(told & comma).then(pl.lit(",")).when(told & point).then(pl.lit("."))
    signs = distinct.to_frame("text").select(sign.alias("sign"))["sign"]
    return texts.replace_strict(distinct, signs, default=None, return_dtype=pl.String)
