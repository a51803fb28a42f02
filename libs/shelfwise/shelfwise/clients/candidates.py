"""What the retriever found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidates:
    """`contracts.retrieve.RetrieveResponse`: every list is as long as `ids`, best first by `order`."""

    bundle: str
    ids: list[str]
    order: list[float]
    scores: dict[str, list[float | None]]
    products: Sequence[dict[str, Any]]
    why_fewer: str | None
    unknown: list[str] = field(default_factory=list)

    def full(self, limit: int) -> bool:
        """Did a source find as many as it was asked for, so that there may be more?"""
        return any(len(column) - column.count(None) >= limit for column in self.scores.values())

    def reach(self, limit: int) -> dict[str, float]:
        """The least score at which each source finds a candidate by itself, among its best `limit`.

        A column has scores below it, too: what the source says of candidates that others found.
        """
        return {source: _least_of_best(column, limit) for source, column in self.scores.items()}

    def first(self, count: int) -> "Candidates":
        """The best `count` by `order`."""
        if len(self.ids) <= count:
            return self
        return replace(
            self,
            ids=self.ids[:count],
            order=self.order[:count],
            scores={source: column[:count] for source, column in self.scores.items()},
            products=self.products[:count],
        )

    def arranged(self, rows: Sequence[int]) -> "Candidates":
        """These `rows` in this order. Looks at every product, so for short lists."""
        return replace(
            self,
            ids=[self.ids[row] for row in rows],
            order=[self.order[row] for row in rows],
            scores={source: [column[row] for row in rows] for source, column in self.scores.items()},
            products=[self.products[row] for row in rows],
        )

    def joined(self, more: "Candidates") -> "Candidates":
        """With those of `more` that are not here yet, after all others."""
        known = set(self.ids)
        rest = more.arranged([row for row, product_id in enumerate(more.ids) if product_id not in known])
        if not rest.ids:
            return self
        sources = [*self.scores, *(source for source in rest.scores if source not in self.scores)]
        return replace(
            self,
            ids=self.ids + rest.ids,
            order=self.order + [min(self.order[-1:] + rest.order)] * len(rest.ids),
            scores={source: self._column(source) + rest._column(source) for source in sources},
            products=[*self.products, *rest.products],
        )

    def _column(self, source: str) -> list[float | None]:
        return self.scores[source] if source in self.scores else [None] * len(self.ids)


def _least_of_best(column: list[float | None], limit: int) -> float:
    if len(column) - column.count(None) <= limit:
        return -math.inf
    return sorted((score for score in column if score is not None), reverse=True)[limit - 1]
