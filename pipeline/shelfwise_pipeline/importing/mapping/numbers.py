"""Numbers as shops write them: with currency signs, thousands separators, a decimal comma."""

from typing import Literal

import polars as pl

NUMBER = r"^\D*?([-+]?(?:\d{1,3}(?:[\s\x{a0}\x{202f}'’]\d{3})+|\d[\d.,]*)(?:[.,]\d+)?)\D*$"
"""Exactly one number, with anything but digits around it. Blanks and apostrophes may only separate groups of three digits."""
MINUS = r"^\s*\(.*\)\s*$|^[^\d]*[-−]\s*[^\w\s]?\s*\d|\d\s?[-−](?:\s*\p{Sc}|\s+[A-Z]{3})?\s*$"
"""Negative: in brackets, with a minus before or, as some accounting programs write it, after: `12.50-`. In `12,-` the dash
stands for the cents."""
LEADING_POINT = r"(^|[^\p{L}\s\d])\.(\d)"


def number(text: pl.Expr, decimal: Literal[".", ","] | None = None) -> pl.Expr:
    """Return the text's number (Float64); null if it has none or more than one.

    Without `decimal` each value decides: the later of two kinds of separators is the decimal one, a single comma is decimal
    unless exactly three digits follow, a single point always is. For the evidence of other values see `decimals`.
    """
    return text.map_batches(lambda texts: _numbers(texts, decimal), return_dtype=pl.Float64, is_elementwise=True)


def _numbers(texts: pl.Series, decimal: Literal[".", ","] | None) -> pl.Series:
    """Matches patterns only on the distinct texts that are not plain numbers, because patterns cost a hundred times as much."""
    # `1.234` is a plain number, but means another one if the map says that commas are decimal.
    plain = texts.str.strip_chars().cast(pl.Float64, strict=False)
    odd = (texts if decimal == "," else texts.filter(plain.is_null())).unique().drop_nulls()
    if odd.is_empty():
        return plain
    read = odd.to_frame("text").select(_lenient(pl.col("text"), decimal)).to_series()
    lenient = texts.replace_strict(odd, read, default=None, return_dtype=pl.Float64)
    return lenient if decimal == "," else plain.zip_with(plain.is_not_null(), lenient)


def is_plain(text: pl.Expr) -> pl.Expr:
    """Whether the text is a number in program notation."""
    return text.str.strip_chars().cast(pl.Float64, strict=False).is_not_null()


def digits(text: pl.Expr) -> pl.Expr:
    """Return the number's digits with the points and commas between them; null if there is no number or more than one."""
    found = text.str.replace(LEADING_POINT, "${1}0.${2}").str.extract(NUMBER, 1)
    return found.str.replace_all(r"[\s\x{a0}\x{202f}'’+-]", "").str.strip_chars_end(".,")


def _lenient(text: pl.Expr, decimal: Literal[".", ","] | None) -> pl.Expr:
    body = digits(text)
    points, commas = body.str.count_matches(".", literal=True), body.str.count_matches(",", literal=True)
    if decimal is not None:
        comma_is_decimal = pl.lit(decimal == ",")
        points_group = pl.lit(decimal == ",")
    else:
        alone = (points == 0) & (~body.str.contains(r",\d{3}$") | body.str.contains(r"^0,"))
        comma_is_decimal = (commas == 1) & body.str.contains(r",\d*$") & ((points > 0) | alone)
        points_group = comma_is_decimal | (points > 1)
    body = pl.when(points_group).then(body.str.replace_all(".", "", literal=True)).otherwise(body)
    body = pl.when(comma_is_decimal).then(body.str.replace(",", ".", literal=True)).otherwise(body)
    value = body.str.replace_all(",", "", literal=True).cast(pl.Float64, strict=False)
    return pl.when(text.str.contains(MINUS)).then(-value).otherwise(value)
