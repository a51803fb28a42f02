"""A service's log on this machine, limited in size."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

LARGEST = 64 * 1024 * 1024
"""Bytes, about 300,000 requests. The same amount of earlier lines is kept."""


def set_aside(log: Path, largest: int = LARGEST) -> bool:
    """Move the contents of `log` to `<log>.1`, replacing that file, if they exceed `largest` bytes; return whether they did.

    If the log has grown beyond twice that size unchecked, only its last lines are kept.

    This is for a log that other processes keep open for appending: the file stays, and is emptied after the copy. A line
    written between copying and emptying is lost; so are all lines if there is no space for the copy.
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
