"""A rule as data, and the functions that apply rules to a frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shelfwise_pipeline.importing.columns import LINE, MENDED
from shelfwise_pipeline.importing.report import Action, ImportReport


@dataclass(frozen=True)
class Rule:
    """A check on one column. `broken` tells which rows break it (null counts as no). A mending rule has `mended`, the column's
    corrected value.

    `usual`: a good export has such rows, too.
    """

    name: str
    column: str
    reason: str
    broken: pl.Expr
    mended: pl.Expr | None = None
    keep: bool = False
    usual: bool = False

    @property
    def action(self) -> Action:
        if self.mended is not None:
            return "mended"
        return "noted" if self.keep else "refused"


def apply(rules: Sequence[Rule], frame: pl.DataFrame, report: ImportReport) -> pl.DataFrame:
    """Like `check`, and updates report.read, accepted, mended and refused. The result keeps MENDED."""
    report.read += frame.height
    checked = check(rules, frame, report)
    report.accepted += checked.height
    report.refused += frame.height - checked.height
    report.mended += int(checked[MENDED].sum())
    return checked


def check(rules: Sequence[Rule], frame: pl.DataFrame, report: ImportReport) -> pl.DataFrame:
    """Applies the rules in order, each to the result of the previous ones, and reports every row that breaks one.

    `frame` has the column `line` and may have MENDED; the result has both.
    """
    if MENDED not in frame.columns:
        frame = frame.with_columns(pl.lit(False).alias(MENDED))
    for rule in rules:
        broken = frame.select(rule.broken.fill_null(False).alias("broken"))["broken"]
        if not broken.any():
            continue
        shown = frame.filter(broken).select(LINE, value=_shown(rule.column, frame.schema[rule.column]))
        report.found(rule.name, rule.column, rule.action, rule.reason, shown, usual=rule.usual)
        if rule.mended is not None:
            frame = frame.with_columns(
                pl.when(broken)
                .then(rule.mended.cast(frame.schema[rule.column]))
                .otherwise(pl.col(rule.column))
                .alias(rule.column),
                pl.col(MENDED) | broken,
            )
        elif not rule.keep:
            frame = frame.filter(~broken)
    return frame


def _shown(column: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(column).list.join(" > ", ignore_nulls=True) if isinstance(dtype, pl.List) else pl.col(column).cast(pl.String)
    return value.str.slice(0, 200)


def text_rules(column: str, max_length: int, *, one_line: bool = True, required: bool = False) -> list[Rule]:
    """Return rules for free text: control characters and stray blanks are removed, accents are joined with their letters (ids
    and addresses stay exact), blank text is null, and text that is too long is cut (ids: refused)."""
    control, blanks = (r"[\x00-\x1f\x7f]", r"\s+") if one_line else (r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", r"[ \t]+")
    tidy = pl.col(column).str.replace_all(control, " ").str.replace_all(blanks, " ").str.strip_chars()
    tidy = pl.when(tidy != "").then(tidy)
    is_id = column.endswith("_id")
    rules = [
        Rule(
            f"{column}_untidy", column, "stray blanks or control characters were removed", tidy.ne_missing(pl.col(column)), tidy
        ),
        *(() if column.endswith(("_id", "_url")) else (composing_rule(column, pl.col(column).str.normalize("NFC")),)),
        Rule(
            f"{column}_too_long",
            column,
            f"longer than {max_length} characters" + ("" if is_id else ", was cut"),
            pl.col(column).str.len_chars() > max_length,
            None if is_id else pl.col(column).str.slice(0, max_length),
        ),
    ]
    if required:
        rules.append(
            Rule(f"{column}_missing", column, f"{column} is required and is missing or blank", pl.col(column).is_null())
        )
    return rules


def composing_rule(column: str, composed: pl.Expr) -> Rule:
    """Return a rule that composes a letter and a following accent into one character, as in queries and filters."""
    reason = "accents written as separate characters were joined with their letters"
    return Rule(f"{column}_decomposed", column, reason, composed.ne_missing(pl.col(column)), composed)


def number_rule(column: str, reason: str, broken: pl.Expr) -> Rule:
    """Return a rule that takes an impossible number as unknown and keeps the row."""
    return Rule(f"{column}_impossible", column, reason + "; taken as unknown", broken, pl.lit(None))
