"""Bounded work."""

import asyncio
import threading

import pytest

from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded
from shelfwise_ranker.worker import Worker


async def test_one_more_than_fits_is_refused_at_once() -> None:
    release = threading.Event()
    with Worker(threads=1, limit=2) as worker:
        running = [asyncio.create_task(worker.run(release.wait, None)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as refused:
            await worker.run(lambda: None, None)
        assert refused.value.headers == {"retry-after": "1"}
        release.set()
        assert await asyncio.gather(*running) == [True, True]
        await asyncio.sleep(0)
        assert worker.admitted == 0
        assert await worker.run(lambda: 5, None) == 5


async def test_work_whose_time_is_up_is_not_begun() -> None:
    release, done = threading.Event(), []
    with Worker(threads=1, limit=4) as worker:
        first = asyncio.create_task(worker.run(release.wait, None))
        late = asyncio.create_task(worker.run(lambda: done.append(1), Deadline.after_ms(20)))
        await asyncio.sleep(0.05)
        release.set()
        await first
        with pytest.raises(DeadlineExceeded):
            await late
        with pytest.raises(DeadlineExceeded):
            await worker.run(lambda: done.append(2), Deadline.after_ms(-1))
    assert done == []


async def test_the_work_of_a_caller_who_left_is_skipped_and_its_place_is_free_again() -> None:
    release, done = threading.Event(), []
    with Worker(threads=1, limit=2) as worker:
        first = asyncio.create_task(worker.run(release.wait, None))
        gone = asyncio.create_task(worker.run(lambda: done.append(1), None))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0.01)
        assert worker.admitted == 1
        release.set()
        await first
        with pytest.raises(asyncio.CancelledError):
            await gone
    assert done == []


async def test_what_work_raises_reaches_the_caller_and_frees_its_place() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with Worker(threads=1, limit=1) as worker:
        for _ in range(3):
            with pytest.raises(ValueError, match="broken"):
                await worker.run(fail, None)
            await asyncio.sleep(0.01)
