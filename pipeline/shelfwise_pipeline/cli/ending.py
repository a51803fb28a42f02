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
