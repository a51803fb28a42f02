"""Attributes: named columns of the file as a product's JSON object."""

import json

import polars as pl

from shelfwise_pipeline.importing.mapping.model import FieldSource
from shelfwise_pipeline.importing.mapping.texts import text


def attributes(raw: pl.DataFrame, sources: dict[str, FieldSource]) -> pl.Series:
    """Return one JSON object per row, sorted by name, without the attributes that the row has no value for."""
    values = raw.select(
        text(source).str.replace_all(r"\s+", " ").str.strip_chars().alias(name) for name, source in sorted(sources.items())
    )
    objects = (
        json.dumps({name: value for name, value in row.items() if value}, ensure_ascii=False)
        for row in values.iter_rows(named=True)
    )
    return pl.Series("attributes", objects, dtype=pl.String) if values.width else pl.Series("attributes", ["{}"] * raw.height)
