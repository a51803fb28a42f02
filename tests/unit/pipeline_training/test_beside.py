"""Work beside the caller: where it runs, how it ends with the caller, and how its progress is counted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, current_thread, main_thread

import psutil
import pytest

from shelfwise_pipeline.training.beside import Beside, Done, GivenUp, ProcessEnded, beside


def test_work_runs_in_another_process_while_the_caller_goes_on() -> None:
    gone_on = Event()

    def work(meanwhile: Beside) -> tuple[int, int, bool]:
        assert gone_on.wait(60)
        numbers = meanwhile.run(os.getpid), meanwhile.run(os.getpid)
        return *numbers, current_thread() is main_thread()

    with beside(work) as result:
        gone_on.set()
        first, second, on_main = result.result()
    assert first == second != os.getpid()
    assert not on_main


def test_an_exception_in_the_other_process_is_raised_in_the_caller() -> None:
    with pytest.raises(ValueError, match="'x'"), beside(lambda meanwhile: meanwhile.run(int, "x")) as result:
        result.result()


def fail_beside(work: Callable[[Beside, Event], None], end: type[BaseException]) -> tuple["Future[None]", float]:
    """The future of `work`, and for how many seconds a caller that fails once the work has begun waits for it."""
    begun = Event()
    futures = []
    failed_at = 0.0
    try:
        with beside(lambda meanwhile: work(meanwhile, begun)) as future:
            futures.append(future)
            assert begun.wait(60)
            failed_at = time.monotonic()
            raise end
    except end:
        return futures[0], time.monotonic() - failed_at


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError])
def test_a_failing_caller_gives_up_the_work_without_waiting(end: type[BaseException]) -> None:
    def work(meanwhile: Beside, begun: Event) -> None:
        meanwhile.run(os.getpid)
        begun.set()
        meanwhile.run(time.sleep, 60)

    result, waited_s = fail_beside(work, end)
    assert waited_s < 10
    assert isinstance(result.exception(), GivenUp)


def test_go_on_raises_given_up_once_the_caller_has_failed() -> None:
    def work(meanwhile: Beside, begun: Event) -> None:
        begun.set()
        while True:
            meanwhile.go_on()
            time.sleep(0.01)

    result, _ = fail_beside(work, KeyboardInterrupt)
    assert isinstance(result.exception(), GivenUp)


def test_the_other_process_ends_when_its_caller_is_killed() -> None:
    trains = (
        "import os, sys; from shelfwise_pipeline.training.beside import beside\n"
        "with beside(lambda meanwhile: meanwhile.run(os.getpid)) as number:\n"
        "    print(number.result(), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", trains], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None
        other = psutil.Process(int(caller.stdout.readline()))
        caller.kill()
    other.wait(10)
    assert not other.is_running()


def test_a_killed_process_raises_process_ended() -> None:
    def work(meanwhile: Beside) -> None:
        os.kill(meanwhile.run(os.getpid), signal.SIGKILL)
        meanwhile.run(os.getpid)

    with pytest.raises(ProcessEnded, match="memory ran out"), beside(work) as result:
        result.result()


def test_the_progress_of_several_parts_adds_up() -> None:
    told: list[tuple[int, int]] = []
    done = Done(lambda so_far, total: told.append((so_far, total)), 10)
    done.of("one", 1)
    done.of("other", 4)
    done.of("one", 6)
    assert told == [(1, 10), (5, 10), (10, 10)]
