"""Bounded computing on the event loop's own thread.

A search or a ranking takes about a millisecond, most of it under Python's lock, on the one core that a service is given.
Handing it to a thread would cost two switches between threads that want the same lock, and buy nothing.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded

T = TypeVar("T")

_SMOOTHING = 0.1


class Compute:
    """Runs one piece of work after the other, and takes no more than can be answered."""

    def __init__(self, limit: int, what: str) -> None:
        """`limit`: requests that may wait or run; `what`: the work's name in messages, e.g. "this search"."""
        self._limit = limit
        self._what = what
        self._typical_s = 0.0
        self.waiting = 0

    async def run(self, work: Callable[[], T], deadline: Deadline | None) -> T:
        """The result of `work`.

        Raises:
            Overloaded: as many requests as may wait do; raised at once.
            DeadlineExceeded: the work would end after the deadline, going by how long it took of late.
        """
        if self.waiting >= self._limit:
            raise Overloaded(f"{self.waiting} requests wait already, as many as may; try again in a second")
        if deadline is not None:
            self._require(deadline, self.waiting + 1)
        self.waiting += 1
        try:
            # Everyone who has arrived by now is counted, or refused, before the computing goes on.
            await asyncio.sleep(0)
            if deadline is not None:
                self._require(deadline, 1)
            started_at = time.perf_counter()
            try:
                return work()
            finally:
                self._typical_s += _SMOOTHING * (time.perf_counter() - started_at - self._typical_s)
        finally:
            self.waiting -= 1

    def _require(self, deadline: Deadline, works: int) -> None:
        """Refuse when `works` of them, the caller's own the last, would end after the deadline."""
        try:
            deadline.require(works * self._typical_s, self._what)
        except DeadlineExceeded:
            # Refused work is not measured. Without this, a slow minute would be held for typical ever after.
            self._typical_s *= 1 - _SMOOTHING
            raise
