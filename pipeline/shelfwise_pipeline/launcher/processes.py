"""Children of the launcher: started apart from the terminal, watched, brought back, ended in order."""

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
"""What lived that long does not fail by itself: whoever ends it from outside, be it every minute, has it back."""

TERMINATE_WAIT_S = 15.0


class ChildFailed(PipelineError):
    """A service that does not stay up; the message shows the end of its log and says what to do."""


class Child:
    """One service process. Its output goes to a log file, after what earlier ones wrote."""

    def __init__(self, replica: Replica, environment: Mapping[str, str], log: Path) -> None:
        self.replica = replica
        self.log = log
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._short_lives = 0
        self._log_from = 0  # what lies before is of earlier runs

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._started_at = time.monotonic()
        with self.log.open("ab") as log:
            if self._process is None:
                self._log_from = log.tell()
            # A session of its own: Ctrl-C in the terminal reaches the launcher alone, which ends the children in order.
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
        """The exit code of a process that was started and is no more, negative for a signal; else None."""
        return None if self._process is None else self._process.poll()

    def revive(self) -> str:
        """Start an ended process again; returns a sentence about it.

        Raises:
            ChildFailed: it ended for the third time in a row soon after its start.
        """
        how = describe_end(self.ended)
        self._short_lives = self._short_lives + 1 if time.monotonic() - self._started_at < STAYS_UP_S else 0
        if self._short_lives == GIVE_UP_AFTER:
            raise ChildFailed(
                f"the {self.replica.name} {how}, {GIVE_UP_AFTER} times, each within {STAYS_UP_S:.0f} s of its start. "
                f"The end of {self.log}:\n{self.tail()}\n"
                "Mend what it says and run again; `make clean-var` starts from nothing."
            )
        self.start()
        return f"the {self.replica.name} {how}; started again. Answers are degraded until it is ready. Its log: {self.log}"

    def terminate(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait for the end; kill what does not end in time."""
        if self._process is None:
            return
        try:
            self._process.wait(TERMINATE_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def keep_log_small(self, largest: int = LARGEST) -> None:
        """To be called now and then; `largest` in bytes."""
        if set_aside(self.log, largest):
            self._log_from = 0

    def tail(self, lines: int = 8) -> str:
        """The last lines of its log, of those that it wrote since it was first started here."""
        written = self.log.read_bytes()[self._log_from :] if self.log.exists() else b""
        return "\n".join(written.decode(errors="replace").splitlines()[-lines:])


def describe_end(code: int | None) -> str:
    if code is None:
        return "is running"
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
