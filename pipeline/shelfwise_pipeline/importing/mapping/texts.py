"""A field's text: from its origin in the file through the steps of its map entry, before it is read as a number or a time."""

from string import Formatter

import polars as pl

from shelfwise.contracts.base import composed
from shelfwise_pipeline.importing.mapping.model import FieldSource, Scalar
from shelfwise_pipeline.importing.mapping.numbers import number
from shelfwise_pipeline.importing.mapping.patterns import groups_of


def text(source: FieldSource) -> pl.Expr:
    """Return the field as text (String); null if the shop gives no value."""
    return steps(source, _origin(source))


def steps(source: FieldSource, column: pl.Expr) -> pl.Expr:
    """Apply the steps between a text's origin and its interpretation: extract, replace, case, values."""
    if source.extract:
        column = column.str.extract(source.extract, group_index=1 if groups_of(source.extract) else 0)
    for pattern, new in source.replace.items():
        column = column.str.replace_all(pattern, new)
    if source.case == "title":
        column = titled(column)
    elif source.case:
        column = column.str.to_lowercase() if source.case == "lower" else column.str.to_uppercase()
    if source.values:
        column = column.str.strip_chars()
        known = {one_form(written): meant for written, meant in _spellings(source.values).items()}
        column = pl.coalesce(in_one_form(column).replace_strict(known, default=None, return_dtype=pl.String), column)
    return column


def one_form(text: str) -> str:
    """Return `text`, of a map, in the form in which it is compared with what `in_one_form` makes of a file's: accents joined
    with their letters, single blanks."""
    return composed(" ".join(text.split()))


def in_one_form(column: pl.Expr) -> pl.Expr:
    return column.str.replace_all(r"\s+", " ").str.strip_chars().str.normalize("NFC")


def titled(column: pl.Expr) -> pl.Expr:
    """Capitalize the first letters and lowercase the others: `CHILDREN'S 3IN1 T-LIGHT` becomes `Children's 3in1 T-Light`."""
    return column.map_batches(_titled_column, return_dtype=pl.String, is_elementwise=True)


def _titled_column(texts: pl.Series) -> pl.Series:
    distinct = texts.unique().drop_nulls()  # titles in a sales file repeat a hundredfold
    return texts.replace(distinct, pl.Series([_titled(line) for line in distinct], dtype=pl.String))


def _titled(line: str) -> str:
    letters: list[str] = []
    before = " "
    for letter in line:
        letters.append(letter.lower() if before.isalnum() or before in "'’" else letter.upper())
        before = letter
    return "".join(letters)


def _origin(source: FieldSource) -> pl.Expr:
    if source.column is not None:
        origin = pl.col(source.column)
    elif source.columns is not None:
        origin = pl.concat_str(source.columns, separator=source.join, ignore_nulls=True)
    elif source.template is not None:
        origin = _template(source.template)
    elif source.multiply is not None:
        product = number(pl.col(source.multiply[0]), source.decimal)
        for name in source.multiply[1:]:
            product = product * number(pl.col(name), source.decimal)
        origin = product.round(4).cast(pl.String)
    else:
        origin = pl.lit(None if source.constant is None else as_text(source.constant), pl.String)
    origin = pl.when(origin.str.strip_chars() != "").then(origin)
    return pl.coalesce(origin, *source.otherwise)


def _template(template: str) -> pl.Expr:
    """Columns without a value leave a gap. A row in which all of them are empty has no text."""
    parts: list[pl.Expr] = []
    names: list[str] = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(pl.lit(literal))
        if name:
            names.append(name)
            parts.append(pl.col(name).fill_null(""))
    tidy = pl.concat_str(parts).str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.when(pl.any_horizontal(pl.col(names).is_not_null()) if names else pl.lit(True)).then(tidy)


def _spellings(values: dict[str, Scalar]) -> dict[str, str]:
    """Add the spelling of whole-number keys in exports of floats: 100 and 100.0."""
    spelled: dict[str, str] = {}
    for key, value in values.items():
        spelled[key] = as_text(value)
        if key.lstrip("-").isdecimal():
            spelled.setdefault(f"{key}.0", as_text(value))
    return spelled


def as_text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def nulled(columns: list[str], null_values: list[str]) -> list[pl.Expr]:
    """Return the file's columns with null where the shop marks a missing value."""
    return [pl.when(~pl.col(name).str.strip_chars().is_in(null_values)).then(pl.col(name)).alias(name) for name in columns]
