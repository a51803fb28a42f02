"""The report of an import, row by row: every mended or refused row has a finding."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Kind = Literal["products", "events", "judgements"]
Action = Literal["refused", "mended", "noted"]
EXAMPLES_KEPT = 20


@dataclass
class Finding:
    """A rule and the rows that broke it. `noted` rows are kept as they are."""

    rule: str
    column: str
    action: Action
    reason: str
    source: str = ""
    """The file, if an import reads several."""
    usual: bool = False
    """Rows that a good export has, too: returns, repeated ids, the map's refusals."""
    rows: int = 0
    examples: list[tuple[int, str | None]] = field(default_factory=list)
    """The first lines that broke the rule, with the value found there."""


FindingSink = Callable[[pl.DataFrame], None]
"""Receives every row that broke a rule: line, rule, action, column, value, reason. For a file of rejects."""


@dataclass
class ImportReport:
    """The counts of an import, in rows. read = accepted + refused + merged; accepted = inserted + updated + unchanged.

    `merged` rows were combined with another row, if a file has many lines per product. `deleted` counts products, not rows:
    those missing from a complete catalog.
    """

    kind: Kind
    read: int = 0
    accepted: int = 0
    mended: int = 0
    refused: int = 0
    merged: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    seconds: float = 0.0
    untouched: list[str] = field(default_factory=list)
    """Product fields that the rows do not have. Existing products keep their values of them."""
    source: str = ""
    """The file being read, if there are several; findings are kept per file."""
    findings: dict[str, Finding] = field(default_factory=dict)
    sink: FindingSink | None = field(default=None, repr=False)

    def found(self, rule: str, column: str, action: Action, reason: str, rows: pl.DataFrame, *, usual: bool = False) -> None:
        """Adds `rows` (columns line and value) to the finding of `rule`."""
        key = f"{self.source}: {rule}" if self.source else rule
        finding = self.findings.setdefault(key, Finding(rule, column, action, reason, self.source, usual))
        finding.rows += rows.height
        finding.examples += rows.head(EXAMPLES_KEPT - len(finding.examples)).rows()
        if self.sink is not None:
            self.sink(
                rows.select(
                    "line",
                    rule=pl.lit(rule),
                    action=pl.lit(action),
                    column=pl.lit(column),
                    value="value",
                    reason=pl.lit(reason),
                )
            )

    @property
    def broken(self) -> int:
        """The refused rows that no good export has."""
        return self.refused - sum(
            finding.rows for finding in self.findings.values() if finding.action == "refused" and finding.usual
        )

    def gravest_first(self) -> list[Finding]:
        """Return the findings: refusals first, then by their number of rows."""
        return sorted(self.findings.values(), key=lambda finding: (finding.action != "refused", -finding.rows))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        counts = {name: value for name, value in vars(self).items() if name not in ("findings", "sink", "source")}
        return counts | {"findings": [vars(finding) for finding in self.findings.values()]}

    def __str__(self) -> str:
        lines = [
            f"{self.kind}: {self.read:,} read, {self.inserted:,} new, {self.updated:,} changed, {self.unchanged:,} as before, "
            f"{self.mended:,} mended, {self.refused:,} refused, "
            + (f"{self.merged:,} merged, " if self.merged else "")
            + (f"{self.deleted:,} deleted, " if self.deleted else "")
            + f"{self.seconds:.1f} s"
        ]
        for finding in self.gravest_first():
            where = ", ".join(f"line {line} {value!r}" for line, value in finding.examples[:3])
            lines.append(f"  {finding.action} {finding.rows:,}: {finding.reason} ({finding.rule}; {where})")
        return "\n".join(lines)
