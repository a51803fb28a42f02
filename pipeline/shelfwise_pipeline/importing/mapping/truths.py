"""Yes and no, as shops write whether a product is in stock."""

import polars as pl

YES = ("true", "t", "yes", "y", "instock", "in stock", "in_stock", "available", "active", "ja", "oui", "si")
NO = (
    "false", "f", "no", "n", "outofstock", "out of stock", "out_of_stock", "unavailable", "soldout", "sold out", "inactive",
    "discontinued", "nein", "non",
)  # fmt: skip


def truth(text: pl.Expr) -> pl.Expr:
    """True or false, null where it is neither; a number is a stock level, in stock above 0."""
    word = text.str.strip_chars().str.to_lowercase()
    # Whichever sign stands for the decimals: `0,00` is nothing, `1,200` and `1.200` are something.
    level = word.str.replace_all(r"[.,]", "").cast(pl.Float64, strict=False)
    return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).when(level.is_finite()).then(level > 0)
