"""Compute is bounded, and refuses work that cannot end in time."""

import asyncio
import time
from functools import partial

import pytest

from shelfwise.app.compute import Compute
from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded


async def test_the_result_or_the_error_of_the_work_comes_back() -> None:
    compute = Compute(limit=1, what="this sum")
    assert await compute.run(lambda: 6 * 7, None) == 42
    with pytest.raises(ZeroDivisionError):
        await compute.run(lambda: 1 // 0, None)
    assert compute.waiting == 0


async def test_calls_beyond_the_limit_are_refused_before_anything_is_computed() -> None:
    compute = Compute(limit=2, what="this sum")
    done: list[int] = []
    answers = await asyncio.gather(*(compute.run(partial(done.append, n), None) for n in range(5)), return_exceptions=True)
    assert done == [0, 1]
    assert [type(answer) for answer in answers[2:]] == [Overloaded] * 3
    await compute.run(lambda: done.append(9), None)
    assert done == [0, 1, 9]


async def test_work_that_would_end_too_late_is_refused() -> None:
    compute = Compute(limit=9, what="this nap")
    for _ in range(30):
        await compute.run(lambda: time.sleep(0.005), None)
    with pytest.raises(DeadlineExceeded, match="this nap needs about"):
        await compute.run(lambda: pytest.fail("was computed"), Deadline.after_ms(1))
    assert await compute.run(lambda: "in time", Deadline.after_ms(1000)) == "in time"


async def test_work_that_would_wait_too_long_is_refused_before_the_others_are_done() -> None:
    compute = Compute(limit=9, what="this nap")
    for _ in range(30):
        await compute.run(lambda: time.sleep(0.01), None)
    seen: list[str] = []

    def nap(name: str) -> None:
        time.sleep(0.01)
        seen.append(name)

    async def in_a_hurry() -> None:
        with pytest.raises(DeadlineExceeded):
            await compute.run(partial(nap, "hurried"), Deadline.after_ms(25))
        seen.append("refused")

    async def at_leisure() -> None:
        await compute.run(partial(nap, "last"), Deadline.after_ms(10_000))

    others = [compute.run(partial(nap, "other"), None) for _ in range(4)]
    await asyncio.gather(*others, in_a_hurry(), at_leisure())
    assert seen == ["refused", *["other"] * 4, "last"]


async def test_work_whose_turn_comes_after_its_deadline_is_not_computed() -> None:
    compute = Compute(limit=9, what="this nap")
    slow = compute.run(lambda: time.sleep(0.05), None)
    late = compute.run(lambda: pytest.fail("was computed"), Deadline.after_ms(20))
    answers = await asyncio.gather(slow, late, return_exceptions=True)
    assert isinstance(answers[1], DeadlineExceeded)


async def test_a_caller_that_goes_away_frees_its_place() -> None:
    compute = Compute(limit=1, what="this sum")
    gone = asyncio.create_task(compute.run(lambda: pytest.fail("was computed"), None))
    await asyncio.sleep(0)
    assert compute.waiting == 1
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert compute.waiting == 0


async def test_after_slow_work_short_deadlines_are_refused_only_for_a_while() -> None:
    compute = Compute(limit=1, what="this nap")
    for _ in range(10):
        await compute.run(lambda: time.sleep(0.02), None)
    refused = 0
    while refused < 100:
        try:
            assert await compute.run(lambda: "in time", Deadline.after_ms(5)) == "in time"
            break
        except DeadlineExceeded:
            refused += 1
    assert 0 < refused < 30
