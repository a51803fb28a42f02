"""Runs searches outside the event loop, and takes no more of them than can be answered."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from shelfwise.deadline import Deadline
from shelfwise.errors import Overloaded

T = TypeVar("T")

_SMOOTHING = 0.1


class Workers:
    """A few compute threads with a bounded queue before them."""

    def __init__(self, threads: int, waiting: int) -> None:
        """`waiting`: searches that may wait beside those that run."""
        self._threads = threads
        self._most = threads + waiting
        self._taken = 0
        self._typical_s = 0.0
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="search")

    async def run(self, work: Callable[[], T], deadline: Deadline | None) -> T:
        """The result of `work`.

        Raises:
            Overloaded: the queue is full.
            DeadlineExceeded: the work would end after the deadline, going by how long work took of late.
        """
        if self._taken >= self._most:
            raise Overloaded(f"{self._most} searches are taken already, which is as many as may wait; try again in a second")
        if deadline is not None:
            deadline.require((self._taken // self._threads + 1) * self._typical_s, "this search")
        with self._lock:
            self._taken += 1
        future = self._pool.submit(self._timed, work, deadline)
        # Counted until the thread is done with it, also when nobody waits for the result any more.
        future.add_done_callback(self._release)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _timed(self, work: Callable[[], T], deadline: Deadline | None) -> T:
        if deadline is not None:
            deadline.require(self._typical_s, "this search")
        started_at = time.perf_counter()
        try:
            return work()
        finally:
            seconds = time.perf_counter() - started_at
            self._typical_s += _SMOOTHING * (seconds - self._typical_s)

    def _release(self, future: "Future[T]") -> None:
        with self._lock:
            self._taken -= 1
