"""Tasks that run beside requests, and how they are ended."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

_log = logging.getLogger("shelfwise.tasks")

AGAIN_S = 5.0
"""psycopg takes as long at most to tell the server that a statement is not wanted any more."""


def run_within(stack: AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
    """Run `work` as a task until the stack ends; whatever was entered before is still there for it until then."""
    stack.push_async_callback(ended, asyncio.create_task(work, name=name))


async def ended(task: "asyncio.Task[Any]", again_s: float = AGAIN_S) -> None:
    """Cancel the task, and return when it has ended; that it failed before is logged, not raised.

    Once is not enough: `asyncio.wait_for` of Python 3.11, by which psycopg waits for an answer, loses a cancellation that comes
    in the same moment as the answer. What runs for ever would go on, and whoever waits for it never stop.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=again_s)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a task had failed", extra={"task": task.get_name()}, exc_info=error)
