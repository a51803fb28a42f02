"""Memory that is free goes back to the system."""

import ctypes
from collections.abc import Callable


def give_back() -> None:
    """After much was freed: glibc keeps it, in pieces between what lives on, into which the next large thing may not fit.

    For a thread of its own, takes up to a tenth of a second. Other C libraries have no such call, and nothing is done.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


def _trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library; the last one is what Windows raises
        return None
