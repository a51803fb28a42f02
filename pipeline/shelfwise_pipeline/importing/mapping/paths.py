"""Category paths, from broad to narrow: from several columns, or from one that contains separators or a list (JSON, Python)."""

import ast
import json
import re

import polars as pl

from shelfwise_pipeline.importing.mapping.model import FieldSource
from shelfwise_pipeline.importing.mapping.texts import steps, text
from shelfwise_pipeline.importing.rules import Rule

LIST = r"(?s)^\s*\[.*\]\s*$"


def path(source: FieldSource) -> pl.Expr:
    """Return the path (List of String), without empty steps and without steps that only repeat the one before."""
    if source.columns is None:
        return _tidy(_of_one(text(source), source.split))
    found = pl.concat_list(steps(source, pl.col(name)) for name in source.columns)
    if source.split:
        found = found.list.eval(_split(pl.element(), source.split).explode())
    found = _tidy(found)
    if not source.otherwise:
        return found
    instead = _tidy(_of_one(steps(source, pl.coalesce(source.otherwise)), source.split))
    return pl.when(found.list.len() > 0).then(found).otherwise(instead)


def _of_one(column: pl.Expr, separators: str | None) -> pl.Expr:
    return (
        pl.when(column.str.contains(LIST))
        .then(_listed(column))
        .otherwise(_split(column, separators) if separators else pl.concat_list(column))
    )


def _tidy(found: pl.Expr) -> pl.Expr:
    tidy = found.list.eval(pl.element().str.strip_chars()).list.eval(pl.element().filter(pl.element() != ""))
    return tidy.list.eval(pl.element().filter(pl.element() != pl.element().shift().fill_null("")))


def path_rule(field: str) -> Rule:
    """Return a rule that notes paths that still look like a list because they could not be read."""
    column = pl.col(field)
    reason = "looks like a list but cannot be read as one; taken as one step (fix it in the map: extract, replace, split)"
    is_list = (column.list.len() == 1) & column.list.first().str.contains(LIST)
    return Rule(f"{field}_list_unreadable", field, reason, is_list, keep=True)


def _split(column: pl.Expr, separators: str) -> pl.Expr:
    first, *others = separators.split()
    for other in others:
        column = column.str.replace_all(other, first, literal=True)
    return column.str.split(first)


def _listed(column: pl.Expr) -> pl.Expr:
    # Only values that look like a list: the others would cost a failed parse each.
    lists = pl.when(column.str.contains(LIST)).then(column)
    return lists.map_elements(_steps_of, return_dtype=pl.List(pl.String), skip_nulls=True)


def _steps_of(listed: str) -> list[str]:
    """Return the list's steps; the text itself if it cannot be read."""
    found = _read(listed)
    while isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
        found = found[0]  # a list of paths with one path in it
    if not isinstance(found, list):
        return [listed]
    return [step if isinstance(step, str) else json.dumps(step, default=str) for step in found if step is not None]


def _read(listed: str) -> object:
    """Read JSON or a Python list, including a printed numpy array, which has no commas."""
    try:
        return json.loads(listed)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(re.sub(r"""(['"])\s+(['"])""", r"\1, \2", listed.strip()))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
