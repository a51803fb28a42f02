"""Computes reasons, which are slow, beside the event loop: one request after the other, a few candidates at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from shelfwise.contracts.reason import Reason
from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded
from shelfwise_ranker.rank import Ranking
from shelfwise_ranker.reasons.explanation import Explanation

AT_ONCE = 16
"""Candidates per step: weighing them takes ten or twenty milliseconds, putting them into words, on the loop, a few. After each
step others get their turn on the loop, and work that nobody waits for any more ends."""

_SMOOTHING = 0.1


class Explaining:
    """What a model's columns added is computed in a separate thread: LightGBM works without Python's lock. Code that reads the
    product table, which changes while it is served, stays on the loop."""

    def __init__(self, limit: int) -> None:
        """`limit`: requests that may wait or be explained at a time."""
        self._limit = limit
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "explaining")
        self._candidates = 0  # of all requests that wait or are being explained
        self._candidate_s = 0.0  # the recent time per candidate
        self.waiting = 0

    def close(self) -> None:
        """End the thread, after the few candidates that it may be working on."""
        self._thread.shutdown(cancel_futures=True)

    async def run(self, rank: Callable[[], Awaitable[Ranking]], most: int, deadline: Deadline | None) -> Ranking:
        """Return what `rank` gives, with its reasons; it is called when it is this request's turn. `most`: candidates to
        explain.

        Raises:
            Overloaded: as many requests wait as are allowed to; raised at once.
            DeadlineExceeded: judging by recent times, the reasons would come after the deadline, or this request's turn does
                not come before it.
        """
        if self.waiting >= self._limit:
            raise Overloaded(f"the queue for reasons is full: {self.waiting} requests are waiting; try again in a second")
        self._require(deadline, self._candidates + most)
        self.waiting += 1
        self._candidates += most
        try:
            async with asyncio.timeout(None if deadline is None else deadline.remaining_s), self._turn:
                self._require(deadline, most)
                ranking = await rank()
                if ranking.explanation is None:
                    return ranking
                return ranking.explained(await self._reasons(ranking.explanation, deadline))
        except TimeoutError as error:
            raise DeadlineExceeded("the deadline passed before the reasons were found; send a larger one") from error
        finally:
            self.waiting -= 1
            self._candidates -= most

    async def _reasons(self, explanation: Explanation, deadline: Deadline | None) -> dict[int, Reason]:
        found: dict[int, Reason] = {}
        loop, positions = asyncio.get_running_loop(), explanation.positions
        for start in range(0, len(positions), AT_ONCE):
            self._require(deadline, len(positions) - start)
            some, began_at = positions[start : start + AT_ONCE], time.perf_counter()
            added = await loop.run_in_executor(self._thread, explanation.weigh, some)
            found |= explanation.say(some, added)
            self._candidate_s += _SMOOTHING * ((time.perf_counter() - began_at) / len(some) - self._candidate_s)
        return found

    def _require(self, deadline: Deadline | None, candidates: int) -> None:
        """Refuse if the last of `candidates` would be explained after the deadline."""
        if deadline is None:
            return
        try:
            deadline.require(candidates * self._candidate_s, "finding the reasons")
        except DeadlineExceeded:
            # As in `Compute`: refused work is not measured, so a slow minute must not be taken for typical ever after.
            self._candidate_s *= 1 - _SMOOTHING
            raise
