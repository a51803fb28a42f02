"""Rules for heavy work beside requests, which leave them the interpreter's lock and the machine's cores."""

import fcntl
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_USUAL_S = sys.getswitchinterval()
_SHORT_S = 0.0005

_TRY_S = 0.02
LONGEST_WAIT_S = 20.0
"""The longest wait for another process: one that hangs must not stop the others for ever."""

_counting = threading.Lock()
_inside = 0


@contextmanager
def short_turns() -> Iterator[None]:
    """Work beside requests gives the lock back ten times as often: a request waits for 0.5 ms at a time, not for 5.

    A request takes the lock many times (each call into NumPy may release it), so its waits add up. Can be nested, and entered
    by several threads.
    """
    global _inside
    with _counting:
        _inside += 1
        sys.setswitchinterval(_SHORT_S)
    try:
        yield
    finally:
        with _counting:
            _inside -= 1
            if not _inside:
                sys.setswitchinterval(_USUAL_S)


@contextmanager
def one_at_a_time(longest_wait_s: float = LONGEST_WAIT_S) -> Iterator[None]:
    """Processes of one user on one machine do this work one after the other, so that its cores are left to requests.

    Blocks, so call it on a separate thread. Containers have their own cores, and their own folder for temporary files.
    """
    try:
        lock = os.open(lock_file(), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:  # nowhere to write, or somebody else's file: taking turns is not worth a failure
        yield
        return
    give_up_at = time.monotonic() + longest_wait_s
    try:
        while not _taken(lock) and time.monotonic() < give_up_at:
            time.sleep(_TRY_S)
        yield
    finally:
        os.close(lock)  # releases it


def lock_file() -> Path:
    """The lock by which the processes of this user take turns."""
    return Path(tempfile.gettempdir()) / f"shelfwise-{os.getuid()}.lock"


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
