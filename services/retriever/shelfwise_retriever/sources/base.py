"""What every candidate source is."""

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
    """What is looked for; a source that needs what is absent finds nothing."""

    text: str | None
    vector: Scores | None  # [dimension]
    seeds: Rows = field(default_factory=lambda: NOTHING)
    past: Past | None = None
    as_meant: Collection[str] = ()
    """Words of the text that are no slips."""
    made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What a source worked out for this question when it was first asked, under the source's name."""


class Hits(NamedTuple):
    """Best first; equal scores in row order, which is popularity order."""

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
        """The best `limit` allowed rows; fewer only when the source knows no more.

        With `per_text`, of the rows that share one text only so many, the most popular of them; sources that do not look at
        texts, where each product has evidence of its own, take no notice.
        """
        ...

    def scores_of(self, question: Question, rows: Rows) -> Scores | None:
        """What it says of `rows` that it may not have found, NaN where it says nothing; None: only a search can tell."""
        ...
