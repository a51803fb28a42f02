"""Tasks are ended, whatever they do with a cancellation."""

import asyncio
import logging
from contextlib import AsyncExitStack

import pytest

from shelfwise import tasks
from shelfwise.tasks import Background, ended


async def _for_ever(deaf: int = 0) -> None:
    """Swallows the first `deaf` cancellations."""
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if not deaf:
                raise
            deaf -= 1


@pytest.mark.parametrize("deaf", [0, 1, 3])
async def test_a_task_that_swallows_cancellations_is_ended(deaf: int) -> None:
    task = asyncio.create_task(_for_ever(deaf))
    await asyncio.sleep(0)
    await asyncio.wait_for(ended(task, again_s=0.01), 5)
    assert task.cancelled()


async def test_a_cancellation_that_wait_for_swallows_is_repeated() -> None:
    answered = asyncio.Event()

    async def wait() -> None:
        while True:
            await asyncio.wait_for(answered.wait(), 60)
            answered.clear()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    answered.set()
    await asyncio.sleep(0)  # the answer has come, but the waiting task has not resumed yet
    await asyncio.wait_for(ended(task, again_s=0.01), 5)
    assert task.cancelled()


async def test_a_task_that_has_failed_is_logged_and_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("no such shelf")

    task = asyncio.create_task(fail(), name="follow")
    await asyncio.sleep(0)
    with caplog.at_level(logging.ERROR, "shelfwise.tasks"):
        await ended(task)
    assert "no such shelf" in caplog.text


async def test_waiting_for_a_task_to_end_can_be_cancelled() -> None:
    task = asyncio.create_task(_for_ever(deaf=1_000))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(ended(task, again_s=60))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)


async def test_a_task_within_a_stack_ends_before_what_it_needs_is_closed() -> None:
    said: list[str] = []

    async def work() -> None:
        said.append("begun")
        try:
            await asyncio.sleep(60)
        finally:
            said.append("ended")

    async with AsyncExitStack() as stack:
        stack.callback(said.append, "closed")
        Background().run_within(stack, "work", work)
        await asyncio.sleep(0)
        assert said == ["begun"]
    assert said == ["begun", "ended", "closed"]


@pytest.mark.parametrize("problem", [IndexError("a defect"), None])
async def test_a_task_that_fails_or_ends_is_reported_and_restarted(
    problem: Exception | None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "AFTER_DEFECT_S", 0)
    begun = asyncio.Event()
    times: list[int] = []

    async def work() -> None:
        times.append(len(times))
        if len(times) == 1:
            if problem is not None:
                raise problem
            return
        begun.set()
        await asyncio.sleep(60)

    background = Background()
    assert background.problem is None
    async with AsyncExitStack() as stack:
        background.run_within(stack, "write", work)
        await asyncio.wait_for(begun.wait(), 5)
        assert background.problem is not None
        assert background.problem.startswith("task 'write' failed: IndexError" if problem else "task 'write' ended")
        assert ("a defect" in caplog.text) == (problem is not None)
        monkeypatch.setattr(tasks, "SHOWN_S", 0)
        assert background.problem is None, "it has run since"


async def test_a_task_that_was_cancelled_is_a_problem_until_its_stack_closes() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    background = Background()
    async with AsyncExitStack() as stack:
        background.run_within(stack, "write", work)
        await asyncio.sleep(0.01)
        assert background.problem == "task 'write' has stopped; restart the service"
    assert background.problem is None
