"""Work beside the caller's own: in a thread that has a process for what LightGBM does.

LightGBM trains one model at a time in a process: what its metric of ranks knows of grades is shared by all models there.
"""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from threading import Event, Lock, Thread
from typing import ParamSpec, Protocol, TypeVar

from shelfwise_pipeline.errors import PipelineError

Asked = ParamSpec("Asked")
Result = TypeVar("Result")


class Run(Protocol):
    """Calls a function of a module, and returns what it returns."""

    def __call__(self, function: Callable[Asked, Result], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Result: ...


def here(function: Callable[Asked, Result], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Result:
    """In this process."""
    return function(*args, **kwargs)


class GivenUp(PipelineError):
    """Whoever asked for this work has failed or was ended."""


class ProcessEnded(PipelineError):
    """The other process was ended from outside."""


class Beside:
    """What work in the other thread is given."""

    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process
        self._number = process.submit(os.getpid)
        self._given_up = Event()

    def run(self, function: Callable[Asked, Result], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Result:
        """In the other process; arguments and result are sent to it and back.

        Raises:
            GivenUp: nobody waits for this work any more.
            ProcessEnded: the other process is no more.
        """
        self.go_on()
        try:
            return self._process.submit(function, *args, **kwargs).result()
        except BrokenProcessPool as error:
            self.go_on()
            raise ProcessEnded(
                "expected the process that trains beside this one to go on, found it ended by somebody, most likely by the "
                "system for want of memory; give the build more, then start it again"
            ) from error

    def go_on(self) -> None:
        """To be called often.

        Raises:
            GivenUp: nobody waits for this work any more.
        """
        if self._given_up.is_set():
            raise GivenUp("the work beside this one failed")

    def give_up(self) -> None:
        """Whatever runs there ends now, in its midst."""
        self._given_up.set()
        with suppress(ProcessLookupError, BrokenProcessPool):
            os.kill(self._number.result(), signal.SIGKILL)


@contextmanager
def beside(work: Callable[[Beside], Result]) -> Iterator["Future[Result]"]:
    """Start `work` and yield its future. It has ended when the block has: where the block raises, by being given up, so that an
    end from outside does not wait for all of it."""
    # Forked, it would have the locks of threads that it has not.
    with ProcessPoolExecutor(1, get_context("spawn"), _alone) as process, ThreadPoolExecutor(1, "beside") as thread:
        meanwhile = Beside(process)
        try:
            yield thread.submit(work, meanwhile)
        except BaseException:
            meanwhile.give_up()
            raise


def _alone() -> None:
    """Whoever presses Ctrl-C ends the other process, which ends this one; so does whoever kills it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A pool's process waits for work for ever: it holds the writing end of the pipe that it reads.
    if parent := parent_process():
        parent.join()
        os._exit(1)


AdvancePart = Callable[[str, int], None]
"""Called with the name of a part and how much of it is done."""


class Done:
    """How much is done of work in parts, some of which go on side by side."""

    def __init__(self, progress: Callable[[int, int], None], total: int) -> None:
        self._progress = progress
        self._total = total
        self._of_part: dict[str, int] = {}
        self._lock = Lock()

    def of(self, part: str, done: int) -> None:
        """So much of a part."""
        with self._lock:
            self._of_part[part] = done
            self._progress(sum(self._of_part.values()), self._total)
