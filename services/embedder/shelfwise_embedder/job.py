"""A text that waits for its vector, shared by everyone who waits for it."""

import asyncio
from typing import Literal, NamedTuple

from shelfwise.deadline import Deadline
from shelfwise_embedder.engines.base import TokenIds

Line = Literal["query", "bulk", "document"]
"""The waiting lines: queries; bulks, which are many queries at once, encoded as queries; and documents, the products' texts."""


class Embedded(NamedTuple):
    """A text's vector as sent over the wire, little-endian float32, and the text's number of tokens."""

    vector: bytes
    tokens: int


class Job:
    """The computation of one text, shared by all requests that want it at this moment."""

    def __init__(self, text: str, tokens: TokenIds, line: Line) -> None:
        self.text = text
        self.tokens = tokens
        self.line: Line = line
        self.result: asyncio.Future[Embedded] = asyncio.get_running_loop().create_future()
        self._callers = 0
        self._latest: Deadline | None = None
        self._patient = False

    def join(self, deadline: Deadline | None) -> None:
        """Add a caller; one without a deadline waits for as long as it takes."""
        self._callers += 1
        if deadline is None:
            self._patient = True
        elif self._latest is None or deadline.at_s > self._latest.at_s:
            self._latest = deadline

    def leave(self) -> None:
        """Remove a caller, which got its answer or went away."""
        self._callers -= 1

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for it."""
        return self._callers > 0

    @property
    def too_late(self) -> bool:
        """Whether the deadlines of all waiting callers have passed."""
        return not self._patient and self._latest is not None and self._latest.passed

    def finish(self, vector: bytes) -> None:
        if not self.result.done():
            self.result.set_result(Embedded(vector, len(self.tokens)))

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)
            # If every caller has gone, nobody retrieves the exception, and asyncio would log that it was never retrieved.
            self.result.exception()
