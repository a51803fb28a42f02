"""What the retriever found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidates:
    """`contracts.retrieve.RetrieveResponse`: every list is as long as `ids`, best first by `order`, before them `named`."""

    bundle: str
    ids: list[str]
    order: list[float]
    scores: dict[str, list[float | None]]
    products: Sequence[dict[str, Any]]
    why_fewer: str | None
    unknown: list[str] = field(default_factory=list)
    corrected: str | None = None
    """The text as it was most likely meant; then there are no candidates, and it is to be asked with."""
    left_out: list[dict[str, Any]] = field(default_factory=list)
    """Each a `contracts.retrieve.LeftOut`; none from a retriever of a release that tells of none."""
    dense_by_chance: float | None = None
    named: str | None = None
    """The candidate whose id the text is; None from a retriever of a release that does not look for one."""

    def full(self, limit: int) -> bool:
        """Did a source find as many as it was asked for, so that there may be more?"""
        return any(len(column) - column.count(None) >= limit for column in self.scores.values())

    def reach(self, limit: int) -> dict[str, float]:
        """The least score at which each source finds a candidate by itself, among its best `limit`.

        A column has scores below it, too: what the source says of candidates that others found.
        """
        return {source: _least_of_best(column, limit) for source, column in self.scores.items()}

    def first(self, count: int) -> "Candidates":
        """The first `count`."""
        if len(self.ids) <= count:
            return self
        return replace(
            self,
            ids=self.ids[:count],
            order=self.order[:count],
            scores={source: column[:count] for source, column in self.scores.items()},
            products=self.products[:count],
        )

    def joined(self, more: "Candidates") -> "Candidates":
        """With those of `more` that are not here yet, after all others, as found by no source."""
        known = set(self.ids)
        rest = [row for row, product_id in enumerate(more.ids) if product_id not in known]
        if not rest:
            return self
        least = min(self.order, default=0.0)
        return replace(
            self,
            ids=self.ids + [more.ids[row] for row in rest],
            order=self.order + [least] * len(rest),
            scores={source: column + [None] * len(rest) for source, column in self.scores.items()},
            products=[*self.products, *(more.products[row] for row in rest)],
        )


def _least_of_best(column: list[float | None], limit: int) -> float:
    if len(column) - column.count(None) <= limit:
        return -math.inf
    return sorted((score for score in column if score is not None), reverse=True)[limit - 1]
