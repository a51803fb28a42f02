"""What every candidate source is."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shelfwise_retriever.allowed import Allowed
from shelfwise_retriever.groups import Rows, Scores


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; a source that needs what is absent finds nothing."""

    text: str | None
    vector: Scores | None  # [dimension]


class Hits(NamedTuple):
    """Best first; equal scores in row order, which is popularity order."""

    rows: Rows
    scores: Scores


class Source(Protocol):
    """Finds candidates in one way."""

    @property
    def name(self) -> str: ...

    def search(self, question: Question, allowed: Allowed | None, limit: int, per_text: int | None = None) -> Hits:
        """The best `limit` allowed rows; fewer only when the source knows no more.

        With `per_text`, of the rows that share one text only so many, the most popular of them.
        """
        ...
