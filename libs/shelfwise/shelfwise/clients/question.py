"""A question as it passes through the services."""

from dataclasses import dataclass, field
from typing import Any

from shelfwise.contracts.retrieve import PER_TEXT, QuestionKind, looked_for


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and what the answers must satisfy.

    `filter` is `contracts.filter.Filter`, `history` is `contracts.history.History`, both as JSON.
    """

    kind: QuestionKind
    text: str | None = None
    also: list[str] = field(default_factory=list)
    """Words and phrases that are searched for besides `text`."""
    as_meant: list[str] = field(default_factory=list)
    """Words of `text` that are never corrected."""
    correct: bool = False
    """If `text` is misspelt, only its correction is wanted."""
    seeds: list[str] = field(default_factory=list)
    history: dict[str, Any] | None = None
    sources: list[str] | None = None
    only: list[str] | None = None
    filter: dict[str, Any] | None = None
    exclude: list[str] = field(default_factory=list)
    per_text: int | None = PER_TEXT

    @property
    def looked_for(self) -> str | None:
        """`text` with what is searched for besides it."""
        return looked_for(self.text, self.also)
