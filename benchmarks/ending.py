"""How a command that starts processes ends, whatever ends it."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.catalog import BenchmarkError


@contextmanager
def orderly_end() -> Iterator[None]:
    """Whatever was entered inside is left on SIGTERM as on Ctrl-C; a BenchmarkError is said in a sentence: SystemExit."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BenchmarkError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("interrupted; every process of the benchmark was ended")
