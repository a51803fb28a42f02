"""Category paths, broad to narrow: from several columns, or from one with separators or a JSON list in it."""

import json

import polars as pl

from shelfwise_pipeline.importing.mapping.model import FieldSource
from shelfwise_pipeline.importing.mapping.texts import steps, text


def path(source: FieldSource) -> pl.Expr:
    """The path (List of String): without empty steps, and without a step that only repeats the one before it."""
    if source.columns is not None:
        found = pl.concat_list(steps(source, pl.col(name)) for name in source.columns)
        if source.split:
            found = found.list.eval(_split(pl.element(), source.split).explode())
    else:
        column = text(source)
        found = (
            pl.when(column.str.contains(r"^\s*\["))
            .then(_listed(column))
            .otherwise(_split(column, source.split) if source.split else pl.concat_list(column))
        )
    tidy = found.list.eval(pl.element().str.strip_chars()).list.eval(pl.element().filter(pl.element() != ""))
    return tidy.list.eval(pl.element().filter(pl.element() != pl.element().shift().fill_null("")))


def _split(column: pl.Expr, separators: str) -> pl.Expr:
    first, *others = separators.split()
    for other in others:
        column = column.str.replace_all(other, first, literal=True)
    return column.str.split(first)


def _listed(column: pl.Expr) -> pl.Expr:
    # Only where it looks like a list: the others would cost a failed parse each.
    lists = pl.when(column.str.contains(r"^\s*\[")).then(column)
    return lists.map_elements(_steps_of, return_dtype=pl.List(pl.String), skip_nulls=True)


def _steps_of(listed: str) -> list[str]:
    try:
        steps_found = json.loads(listed)
    except ValueError:
        return [listed]
    return [step if isinstance(step, str) else json.dumps(step) for step in steps_found if step is not None]
