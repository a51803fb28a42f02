"""One text that waits for its vector, and everyone who waits for it."""

import asyncio
from typing import Literal, NamedTuple

from shelfwise.deadline import Deadline
from shelfwise_embedder.engines.base import TokenIds

Line = Literal["query", "bulk", "document"]
"""Where texts wait: questions; questions of which many come at once, encoded as the others; the texts of products."""


class Embedded(NamedTuple):
    """A text's vector as it travels, little-endian float32, and how many tokens it took."""

    vector: bytes
    tokens: int


class Job:
    """Shared by all requests that want this text at this moment."""

    def __init__(self, text: str, tokens: TokenIds, line: Line) -> None:
        self.text = text
        self.tokens = tokens
        self.line: Line = line
        self.result: asyncio.Future[Embedded] = asyncio.get_running_loop().create_future()
        self._callers = 0
        self._latest: Deadline | None = None
        self._patient = False

    def join(self, deadline: Deadline | None) -> None:
        """One more caller wants it; without a deadline it waits for as long as it takes."""
        self._callers += 1
        if deadline is None:
            self._patient = True
        elif self._latest is None or deadline.at_s > self._latest.at_s:
            self._latest = deadline

    def leave(self) -> None:
        """A caller got its answer or went away."""
        self._callers -= 1

    @property
    def wanted(self) -> bool:
        """Somebody still waits for it."""
        return self._callers > 0

    @property
    def too_late(self) -> bool:
        """The time of everyone who waits is up."""
        return not self._patient and self._latest is not None and self._latest.passed

    def finish(self, vector: bytes) -> None:
        if not self.result.done():
            self.result.set_result(Embedded(vector, len(self.tokens)))

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)
            # When every caller has gone nobody asks for the exception, and asyncio would log it as forgotten.
            self.result.exception()
