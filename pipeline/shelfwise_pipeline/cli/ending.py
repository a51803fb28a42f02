"""Ends from outside: SIGTERM and SIGHUP end a command as an exception does, so that what it started is stopped first."""

import signal
import sys
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def end_like_an_exception() -> None:
    """From now on the signals raise SystemExit in the main thread, once; whoever ignores one (nohup) goes on doing so."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # the end is not to be ended
    sys.exit(128 + number)


def said_of(code: object) -> str | None:
    """A sentence about an end by one of the signals, which is a command's exit code then; else None."""
    for number in SIGNALS:
        if code == 128 + number:
            return f"ended by {number.name}; committed work stays. Run the same command again to do the rest"
    return None
