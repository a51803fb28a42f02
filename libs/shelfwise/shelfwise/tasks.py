"""Tasks that run beside requests, and how they end."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

_log = logging.getLogger("shelfwise.tasks")

AGAIN_S = 5.0
"""psycopg takes at most this long to tell the server that a statement is cancelled."""

AFTER_DEFECT_S = 5.0
"""A task that failed restarts after this long."""

SHOWN_S = 60.0
"""How long the service reports a failure as a problem."""


class Background:
    """The tasks of a service that run for ever. A task that fails, or ends, is logged and restarted: otherwise the service
    would go on and look well while the task's work is missing."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: dict[str, tuple[float, str]] = {}  # by task: when it last failed, and how

    @property
    def problem(self) -> str | None:
        """The tasks that failed within the last minute, or do not run any more; None if all is well."""
        since = time.monotonic() - SHOWN_S
        problems = [f"task {name!r} {how}; see the log" for name, (when, how) in self._failed.items() if when > since]
        problems += [f"task {task.get_name()!r} has stopped; restart the service" for task in self._tasks if task.done()]
        return "; ".join(problems) or None

    def run_within(self, stack: AsyncExitStack, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` as a task until the stack ends; whatever was entered before remains available to it until then."""
        task = asyncio.create_task(self._for_ever(name, work), name=name)
        self._tasks.append(task)
        stack.push_async_callback(self._ended, task)

    async def _for_ever(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
                how = "ended"
                _log.error("a task ended", extra={"task": name})
            except Exception as error:
                how = f"failed: {type(error).__name__}"
                _log.exception("a task failed", extra={"task": name})
            self._failed[name] = (time.monotonic(), how)
            await asyncio.sleep(AFTER_DEFECT_S)

    async def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.remove(task)
        await ended(task)


async def ended(task: "asyncio.Task[Any]", again_s: float = AGAIN_S) -> None:
    """Cancel the task, and return when it has ended; that it failed before is logged, not raised.

    Once is not enough: `asyncio.wait_for` of Python 3.11, with which psycopg waits for a response, loses a cancellation that
    comes at the same moment as the response. A task that runs for ever would go on, and its caller would wait for ever.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=again_s)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a task had failed", extra={"task": task.get_name()}, exc_info=error)
