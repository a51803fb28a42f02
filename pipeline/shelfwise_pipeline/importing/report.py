"""What an import did, row for row: nothing is mended or refused without a finding that says so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

Action = Literal["refused", "mended", "noted"]
EXAMPLES_KEPT = 20


@dataclass
class Finding:
    """One rule and the rows that broke it. `noted` rows are kept as they are."""

    rule: str
    column: str
    action: Action
    reason: str
    rows: int = 0
    examples: list[tuple[int, str | None]] = field(default_factory=list)
    """The first lines that broke the rule, with the value found there."""


FindingSink = Callable[[pl.DataFrame], None]
"""Gets every single row that broke a rule: line, rule, action, column, value, reason. For a file of rejects."""


@dataclass
class ImportReport:
    """Counts are rows. read = accepted + refused; accepted = inserted + updated + unchanged."""

    kind: Literal["products", "events"]
    read: int = 0
    accepted: int = 0
    mended: int = 0
    refused: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    findings: dict[str, Finding] = field(default_factory=dict)
    sink: FindingSink | None = field(default=None, repr=False)

    def found(self, rule: str, column: str, action: Action, reason: str, rows: pl.DataFrame) -> None:
        """Adds `rows` (columns line and value) to the finding of `rule`."""
        finding = self.findings.setdefault(rule, Finding(rule, column, action, reason))
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

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        counts = {name: value for name, value in vars(self).items() if name not in ("findings", "sink")}
        return counts | {"findings": [vars(finding) for finding in self.findings.values()]}

    def __str__(self) -> str:
        lines = [
            f"{self.kind}: {self.read:,} read, {self.inserted:,} new, {self.updated:,} changed, {self.unchanged:,} as before, "
            f"{self.mended:,} mended, {self.refused:,} refused, {self.seconds:.1f} s"
        ]
        for finding in sorted(self.findings.values(), key=lambda finding: (finding.action != "refused", -finding.rows)):
            where = ", ".join(f"line {line} {value!r}" for line, value in finding.examples[:3])
            lines.append(f"  {finding.action} {finding.rows:,}: {finding.reason} ({finding.rule}; {where})")
        return "\n".join(lines)
