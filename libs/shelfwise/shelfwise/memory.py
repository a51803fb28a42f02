"""Gives free memory back to the system."""

import ctypes
from collections.abc import Callable


def give_back() -> None:
    """Call it after much was freed: glibc keeps it, in pieces between live objects, into which the next large object may not
    fit.

    Takes up to a tenth of a second, so call it on a separate thread. Other C libraries have no such call; then nothing is done.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


def _trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; Windows raises the last one
        return None
