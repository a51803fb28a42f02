"""Tracks the users of the embedded server without lists of pids.

Each user of a server holds a shared file lock, which the kernel releases however the process ends. A user that leaves and then
gets the lock exclusively was the last one. A second lock serializes start and stop.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Occupancy:
    """The two locks of one server: the files `users.lock` and `transition.lock` in `folder` (which must exist)."""

    def __init__(self, folder: Path) -> None:
        self._users_path = folder / "users.lock"
        self._transition_path = folder / "transition.lock"
        self._users: int | None = None

    @contextmanager
    def transition(self) -> Iterator[None]:
        """Inside the context, no other process starts or stops this server."""
        lock = os.open(self._transition_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def enter(self) -> None:
        """Counts this object among the users. Call within `transition`."""
        self._users = os.open(self._users_path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """No longer counts this object; True if no user is left. Call within `transition`."""
        if self._users is None:
            return False
        lock, self._users = self._users, None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(lock)
        return True
