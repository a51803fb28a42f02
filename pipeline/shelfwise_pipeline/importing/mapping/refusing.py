"""The map's own refusals as rules."""

import re
from collections.abc import Sequence

import polars as pl

from shelfwise_pipeline.importing.mapping.model import Refusal
from shelfwise_pipeline.importing.mapping.numbers import number
from shelfwise_pipeline.importing.mapping.texts import in_one_form, one_form
from shelfwise_pipeline.importing.rules import Rule


def refusal_rules(refusals: Sequence[Refusal]) -> list[Rule]:
    """Return one rule per refusal, named after its reason."""
    return [
        Rule(
            "map_" + re.sub(r"\W+", "_", refusal.reason.lower()).strip("_")[:60],
            refusal.column,
            refusal.reason,
            _condition(refusal),
            usual=True,
        )
        for refusal in refusals
    ]


def _condition(refusal: Refusal) -> pl.Expr:
    column = pl.col(refusal.column)
    if refusal.matches is not None:
        return column.str.contains(refusal.matches)
    if refusal.unless is not None:
        return ~column.str.contains(refusal.unless).fill_null(False)
    if refusal.among is not None:
        return in_one_form(column).is_in([one_form(text) for text in refusal.among])
    if refusal.empty:
        return column.is_null()
    if refusal.below is not None:
        return number(column, refusal.decimal) < refusal.below
    return number(column, refusal.decimal) > refusal.above
