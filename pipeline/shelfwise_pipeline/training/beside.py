"""Work in parallel with the caller: in a thread that runs LightGBM in a process of its own.

A process can train only one LightGBM model at a time, because all models there share what LightGBM's ranking metric knows about
grades.
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
    """Calls a module-level function and returns its result."""

    def __call__(self, function: Callable[Asked, Result], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Result: ...


def here(function: Callable[Asked, Result], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Result:
    """Call the function in this process."""
    return function(*args, **kwargs)


class GivenUp(PipelineError):
    """The caller that started this work has failed or was ended."""


class ProcessEnded(PipelineError):
    """The training process was ended from outside."""


class Beside:
    """Passed to the work in the other thread, to run functions in the training process."""

    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process
        self._number = process.submit(os.getpid)
        self._given_up = Event()

    def run(self, function: Callable[Asked, Result], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Result:
        """Call the function in the training process. Arguments and result are sent between the processes.

        Raises:
            GivenUp: nobody waits for this work any more.
            ProcessEnded: the training process has ended.
        """
        self.go_on()
        try:
            return self._process.submit(function, *args, **kwargs).result()
        except BrokenProcessPool as error:
            self.go_on()
            raise ProcessEnded(
                "expected the training process to finish, found it killed, most likely by the system because memory ran out; "
                "give the build more memory, then start it again"
            ) from error

    def go_on(self) -> None:
        """Check whether the work is still wanted. Call this often.

        Raises:
            GivenUp: nobody waits for this work any more.
        """
        if self._given_up.is_set():
            raise GivenUp("the work beside this one failed")

    def give_up(self) -> None:
        """Kill the training process at once, whatever it is running."""
        self._given_up.set()
        with suppress(ProcessLookupError, BrokenProcessPool):
            os.kill(self._number.result(), signal.SIGKILL)


@contextmanager
def beside(work: Callable[[Beside], Result]) -> Iterator["Future[Result]"]:
    """Start `work` and yield its future. The work has ended when the block exits. If the block raises, the work is given up, so
    that an interrupted caller does not wait for the rest of it."""
    # A forked process would inherit the locks of threads that it does not have.
    with ProcessPoolExecutor(1, get_context("spawn"), _alone) as process, ThreadPoolExecutor(1, "beside") as thread:
        meanwhile = Beside(process)
        try:
            yield thread.submit(work, meanwhile)
        except BaseException:
            meanwhile.give_up()
            raise


def _alone() -> None:
    """Ignore Ctrl-C and end with the parent process, whether Ctrl-C or a kill ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A pool's process would wait for work forever: it holds the writing end of the pipe that it reads.
    if parent := parent_process():
        parent.join()
        os._exit(1)


AdvancePart = Callable[[str, int], None]
"""Called with the name of a part and how much of it is done."""


class Done:
    """Progress of work in several parts, some of which run in parallel."""

    def __init__(self, progress: Callable[[int, int], None], total: int) -> None:
        self._progress = progress
        self._total = total
        self._of_part: dict[str, int] = {}
        self._lock = Lock()

    def of(self, part: str, done: int) -> None:
        """Record that `done` of `part` is done, and report the total."""
        with self._lock:
            self._of_part[part] = done
            self._progress(sum(self._of_part.values()), self._total)
