"""Bounded work outside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded

T = TypeVar("T")


class Worker:
    """A few threads and a bounded number of requests that wait for them or run. A context: leaving it ends the threads."""

    def __init__(self, threads: int, limit: int) -> None:
        self._limit = limit
        self._admitted = 0
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="rank")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    @property
    def admitted(self) -> int:
        """Requests that wait or run now."""
        return self._admitted

    async def run(self, work: Callable[[], T], deadline: Deadline | None) -> T:
        """The result of `work`, done in a thread. If the caller goes away before it starts, it is never done.

        Raises:
            Overloaded: as many requests as fit are admitted; raised at once.
            DeadlineExceeded: the caller's time is up before the work starts.
        """
        if self._admitted >= self._limit:
            raise Overloaded(f"{self._admitted} requests are being ranked, as many as fit; try again in a second")
        if deadline is not None:
            deadline.require(0.0, "ranking")

        def in_time() -> T:
            if deadline is not None and deadline.passed:
                raise DeadlineExceeded("the caller's time was up before ranking began; ask with a larger deadline_ms")
            return work()

        self._admitted += 1
        future = self._threads.submit(in_time)
        # Counted until the thread is really free of it, also when the caller has gone.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
        return await asyncio.wrap_future(future)

    def _leave(self) -> None:
        self._admitted -= 1
