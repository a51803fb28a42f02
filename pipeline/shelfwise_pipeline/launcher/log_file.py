"""A service's log on this machine: it does not grow for ever."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

LARGEST = 64 * 1024 * 1024
"""Bytes. Some 300,000 requests; as much again is kept of what was before."""


def set_aside(log: Path, largest: int = LARGEST) -> bool:
    """Move what is in `log` to `<log>.1`, over what was there, when it is more than `largest` bytes; whether it was.

    Of a log that has grown beyond twice that, unlooked at, the last lines are kept.

    For a log that others have open to append to, and go on with: the file stays, and is emptied once all was copied. A line
    that is written in the very moment between is lost; so is all of it where there is no room for the copy.
    """
    if not log.exists() or log.stat().st_size <= largest:
        return False
    fresh = log.with_name(f".{log.name}.1.new")
    copied = _copy_end(log, fresh, 2 * largest)
    os.truncate(log, 0)
    if copied:
        fresh.replace(log.with_name(f"{log.name}.1"))
    return True


def _copy_end(log: Path, fresh: Path, most: int) -> bool:
    try:
        with log.open("rb") as written, fresh.open("wb") as kept:
            if written.seek(0, os.SEEK_END) > most:
                written.seek(-most - 1, os.SEEK_END)
                written.readline()  # the rest of a line, or the end of the one before
            else:
                written.seek(0)
            shutil.copyfileobj(written, kept)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        return False
    return True
