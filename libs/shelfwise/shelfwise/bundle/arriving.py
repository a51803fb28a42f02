"""Folders that are being copied into, and what killed processes left of theirs: on a local disk, for several processes."""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

_ENDING = ".arriving"
_TEMPORARY = "shelfwise-"


@contextmanager
def arriving(parent: Path, name: str) -> Iterator[Path]:
    """A new folder in `parent`, which is created if necessary: fill it, then rename it or move things out; the rest is removed.

    The kernel keeps it locked until this process releases it or ends, however that happens; so `clear` knows what was left
    behind.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        with _locked(parent):  # until it is locked, it looks abandoned
            folder = Path(tempfile.mkdtemp(dir=parent, prefix=f".{name}-", suffix=_ENDING))
            held.enter_context(_locked(folder))
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


def temporary(name: str) -> AbstractContextManager[Path]:
    """A new folder for temporary use, among the system's temporary files, where `clear_temporary` finds what killed processes
    left."""
    return arriving(Path(tempfile.gettempdir()), f"{_TEMPORARY}{name}")


def clear_temporary() -> None:
    """`clear` for the folders that `temporary` made."""
    clear(Path(tempfile.gettempdir()), _TEMPORARY)


def clear(parent: Path, name: str = "") -> None:
    """Remove the folders in `parent` that processes which no longer run were copying into, if their names begin with `name`.
    Another account's folders stay, and so does what only looks like one: among the system's temporary files anybody may put a
    link.

    Raises:
        OSError: one of them cannot be removed.
    """
    with _locked(parent):
        for folder in parent.glob(f".{name}*{_ENDING}"):
            with suppress(FileNotFoundError):  # it became a bundle at this moment
                found = folder.lstat()
                is_ours = os.geteuid() in (0, found.st_uid)
                if stat.S_ISDIR(found.st_mode) and is_ours and not _is_held(folder):
                    shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot lock folders; there all look locked, and nothing is removed
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _is_held(folder: Path) -> bool:
    try:
        lock = os.open(folder, os.O_RDONLY)
    except OSError:  # it has just become a bundle, or is another account's
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False
