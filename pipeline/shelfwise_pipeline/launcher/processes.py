"""The launcher's child processes: started apart from the terminal, watched, restarted, ended in order."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.launcher.log_file import LARGEST, set_aside
from shelfwise_pipeline.launcher.plan import Replica

GIVE_UP_AFTER = 3
STAYS_UP_S = 20.0
"""A process that lived this long does not fail by itself: if it is ended from outside, even every minute, it is restarted."""

TERMINATE_WAIT_S = 15.0


class ChildFailed(PipelineError):
    """A service that does not stay up. The message shows the end of its log and tells what to do."""


class Child:
    """One service process. Its output is appended to a log file."""

    def __init__(self, replica: Replica, environment: Mapping[str, str], log: Path) -> None:
        self.replica = replica
        self.log = log
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._short_lives = 0
        self._log_from = 0  # earlier contents are from earlier runs

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._started_at = time.monotonic()
        with self.log.open("ab") as log:
            if self._process is None:
                self._log_from = log.tell()
            # A session of its own: Ctrl-C in the terminal reaches only the launcher, which ends the children in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", self.replica.module],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def ended(self) -> int | None:
        """The exit code of a process that was started and has ended, negative for a signal; else None."""
        return None if self._process is None else self._process.poll()

    def revive(self) -> str:
        """Start an ended process again and return a sentence about it.

        Raises:
            ChildFailed: it ended for the third time in a row soon after its start.
        """
        how = describe_end(self.ended)
        self._short_lives = self._short_lives + 1 if time.monotonic() - self._started_at < STAYS_UP_S else 0
        if self._short_lives == GIVE_UP_AFTER:
            raise ChildFailed(
                f"the {self.replica.name} {how}, {GIVE_UP_AFTER} times, each within {STAYS_UP_S:.0f} s of its start. "
                f"The end of {self.log}:\n{self.tail()}\n"
                "Fix what it says and run again; `make clean-var` deletes all data for a fresh start."
            )
        self.start()
        return f"the {self.replica.name} {how}; started again. Answers are degraded until it is ready. Its log: {self.log}"

    def terminate(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait for the process to end, and kill it if it does not end in time."""
        if self._process is None:
            return
        try:
            self._process.wait(TERMINATE_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def keep_log_small(self, largest: int = LARGEST) -> None:
        """Limit the log's size; call this regularly. `largest` is in bytes."""
        if set_aside(self.log, largest):
            self._log_from = 0

    def tail(self, lines: int = 8) -> str:
        """Return the last lines of its log, among those written since this object first started it."""
        written = self.log.read_bytes()[self._log_from :] if self.log.exists() else b""
        return "\n".join(written.decode(errors="replace").splitlines()[-lines:])


def describe_end(code: int | None) -> str:
    if code is None:
        return "is running"
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
