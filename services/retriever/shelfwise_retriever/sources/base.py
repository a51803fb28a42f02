"""The interface of a candidate source."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.past import Past

NOTHING: Rows = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for. A source finds nothing if the part that it needs is absent."""

    text: str | None
    vector: Scores | None  # [dimension]
    seeds: Rows = field(default_factory=lambda: NOTHING)
    past: Past | None = None
    as_meant: Collection[str] = ()
    """Words of the text that are not misspelt."""
    made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What a source computed for this question when it was first queried, under the source's name."""


class Hits(NamedTuple):
    """Found rows, best first; equal scores in row order, which is popularity order."""

    rows: Rows
    scores: Scores

    @classmethod
    def none(cls) -> "Hits":
        return cls(np.empty(0, np.int32), np.empty(0, np.float32))


class Source(Protocol):
    """Finds candidates in one way."""

    @property
    def name(self) -> str: ...

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        """The best `limit` allowed rows; fewer only if the source knows no more.

        With `per_text`, at most this many of the rows that share one text, the most popular ones. Sources that do not search
        texts ignore it, because each product has evidence of its own there.
        """
        ...

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        """The scores of `rows`, found or not, NaN where the source has none; None if only a search can tell."""
        ...
