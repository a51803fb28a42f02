"""Booleans in the spellings that shops use for whether a product is in stock."""

import polars as pl

YES = (
    "true", "t", "yes", "y", "instock", "available", "active", "ja", "oui", "si", "sí", "preorder", "backorder", "onbackorder",
    "availablefororder", "limitedavailability", "onlineonly",
)  # fmt: skip
"""Includes products that can be ordered but are not there yet."""
NO = (
    "false", "f", "no", "n", "outofstock", "unavailable", "soldout", "inactive", "discontinued", "nein", "non",
)  # fmt: skip
ADDRESS = r"^https?://schema\.org/"


def truth(text: pl.Expr) -> pl.Expr:
    """Return true or false; null for other texts. A number is a stock level, in stock above 0.

    Feeds write `in_stock`, `out of stock` or `https://schema.org/InStock`.
    """
    written = text.str.strip_chars().str.to_lowercase()
    word = written.str.replace(ADDRESS, "").str.replace_all(r"[\s_-]", "")
    # Independent of the decimal sign: `0,00` is zero, `1,200` and `1.200` are not.
    level = written.str.replace_all(r"[.,]", "").cast(pl.Float64, strict=False)
    return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).when(level.is_finite()).then(level > 0)
