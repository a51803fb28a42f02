"""Ends a command that starts processes in order, whatever stops it."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.catalog import BenchmarkError


@contextmanager
def orderly_end() -> Iterator[None]:
    """Exit the contexts entered inside on SIGTERM as on Ctrl-C. Turn a BenchmarkError into a SystemExit with its message."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BenchmarkError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("interrupted; every process of the benchmark was ended")
