"""The checks on judgements, in the order of application."""

import polars as pl

from shelfwise_pipeline.grades import BEST_GRADE
from shelfwise_pipeline.importing.markup import markup_rules
from shelfwise_pipeline.importing.rules import Rule, text_rules

REQUIRED = frozenset({"query", "product_id", "grade"})


def judgement_rules() -> list[Rule]:
    """Return the rules. Repeated (query, product) pairs are looked for once all rows are there, not here."""
    grade = pl.col("grade")
    return [
        *markup_rules("query"),
        *text_rules("query", 500, required=True),
        *text_rules("product_id", 200, required=True),
        Rule("grade_missing", "grade", "grade is required and is missing", grade.is_null()),
        Rule(
            "grade_off_scale",
            "grade",
            f"a grade is a number from 0 to {BEST_GRADE}; the map translates other scales (values or scale)",
            ~(grade.is_finite() & (grade >= 0) & (grade <= BEST_GRADE)),
        ),
    ]
