"""Bounded, and honest about time."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded
from shelfwise_retriever.work import Workers


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(threads=1, waiting=1)
    yield workers
    workers.close()


async def test_the_result_comes_back_and_so_does_an_error(workers: Workers) -> None:
    assert await workers.run(lambda: 6 * 7, None) == 42
    with pytest.raises(ZeroDivisionError):
        await workers.run(lambda: 1 // 0, None)


async def test_a_full_queue_refuses_at_once_and_recovers(workers: Workers) -> None:
    gate = threading.Event()
    taken = [asyncio.create_task(workers.run(gate.wait, None)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="try again"):
        await workers.run(lambda: None, None)
    gate.set()
    assert await asyncio.gather(*taken) == [True, True]
    assert await workers.run(lambda: "again", None) == "again"


async def test_a_caller_that_goes_away_holds_its_place_until_the_thread_is_done(workers: Workers) -> None:
    gate = threading.Event()
    running, waiting = (asyncio.create_task(workers.run(gate.wait, None)) for _ in range(2))
    await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await workers.run(lambda: None, None)
    gate.set()
    assert await waiting


async def test_work_that_would_end_too_late_is_refused(workers: Workers) -> None:
    for _ in range(20):
        await workers.run(lambda: time.sleep(0.02), None)
    with pytest.raises(DeadlineExceeded, match="this search needs about"):
        await workers.run(lambda: "never", Deadline.after_ms(5))
    assert await workers.run(lambda: "in time", Deadline.after_ms(2_000)) == "in time"


async def test_work_that_waited_too_long_is_not_begun(workers: Workers) -> None:
    gate = threading.Event()
    running = asyncio.create_task(workers.run(gate.wait, None))
    await asyncio.sleep(0.01)
    began: list[bool] = []
    late = asyncio.create_task(workers.run(lambda: began.append(True), Deadline.after_ms(20)))
    await asyncio.sleep(0.05)
    gate.set()
    await running
    with pytest.raises(DeadlineExceeded):
        await late
    assert not began
