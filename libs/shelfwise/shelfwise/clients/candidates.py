"""The candidates that the retriever found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidates:
    """`contracts.retrieve.RetrieveResponse`: columns are as long as `ids`, best first by `order`, with `named` before them."""

    bundle: str
    ids: list[str]
    order: list[float]
    scores: dict[str, list[float | None]]
    products: Sequence[dict[str, Any]]
    why_fewer: str | None
    unknown: list[str] = field(default_factory=list)
    corrected: str | None = None
    """The text as it was most likely meant; if set, there are no candidates, and the caller should ask with this text."""
    left_out: list[dict[str, Any]] = field(default_factory=list)
    """Each a `contracts.retrieve.LeftOut`; empty from a retriever of a release without this field."""
    dense_by_chance: float | None = None
    named: str | None = None
    """The candidate whose id equals the text; None from a retriever of a release that does not look for one."""

    def full(self, limit: int) -> bool:
        """Whether a source found as many as it was asked for, so that there may be more."""
        return any(len(column) - column.count(None) >= limit for column in self.scores.values())

    def reach(self, limit: int) -> dict[str, float]:
        """The lowest score at which each source finds a candidate by itself, among its best `limit`.

        A column has lower scores, too: the source's scores of candidates that others found.
        """
        return {source: _least_of_best(column, limit) for source, column in self.scores.items()}

    def first(self, count: int) -> "Candidates":
        """The first `count` candidates."""
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
        """These candidates, then those of `more` that are not among them, as found by no source."""
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
