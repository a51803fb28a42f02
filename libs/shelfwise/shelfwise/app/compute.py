"""Bounded computing on the event loop's own thread.

A search or a ranking takes about a millisecond, most of it under Python's lock, on the one core that a service is given.
A thread for it would cost two switches between threads that want the same lock, and gain nothing.
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
    """Runs one piece of work after the other, and accepts no more than can be answered."""

    def __init__(self, limit: int, what: str) -> None:
        """`limit`: requests that may wait or run; `what`: the work's name in messages, e.g. "this search"."""
        self._limit = limit
        self._what = what
        self._typical_s = 0.0
        self.waiting = 0

    async def run(self, work: Callable[[], T], deadline: Deadline | None) -> T:
        """Return the result of `work`.

        Raises:
            Overloaded: as many requests wait as are allowed to; raised at once.
            DeadlineExceeded: judging by recent times, the work would end after the deadline.
        """
        if self.waiting >= self._limit:
            raise Overloaded(f"the queue is full: {self.waiting} requests are waiting; try again in a second")
        if deadline is not None:
            self._require(deadline, self.waiting + 1)
        self.waiting += 1
        try:
            # Every request that has arrived by now is counted, or refused, before the computing continues.
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
        """Refuse if the last of `works` pieces of work, which is the caller's own, would end after the deadline."""
        try:
            deadline.require(works * self._typical_s, self._what)
        except DeadlineExceeded:
            # Refused work is not measured. Without this, a slow minute would be taken for typical ever after.
            self._typical_s *= 1 - _SMOOTHING
            raise
