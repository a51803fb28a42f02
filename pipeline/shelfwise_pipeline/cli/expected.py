"""What may go wrong without anything being wrong with the code, in a sentence each."""

import errno
import shutil

import psycopg
from safetensors import SafetensorError

from shelfwise.errors import ShelfwiseError
from shelfwise.settings import WrongSetting
from shelfwise_pipeline.errors import PipelineError

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)


def sentence(problem: BaseException) -> str | None:
    """What to tell the user; None for what no one expected, which keeps its traceback."""
    if isinstance(problem, ShelfwiseError | PipelineError | WrongSetting):
        return str(problem)
    if isinstance(problem, psycopg.OperationalError | psycopg.InterfaceError):
        found = str(problem).strip() or type(problem).__name__
        return f"the database failed: {found}; uncommitted changes were rolled back. Run the command again when it is back"
    if isinstance(problem, shutil.Error):
        told = problem.args[0]  # of a folder: a list of (from, to, why)
        return f"expected to copy files, found: {told[0][-1] if isinstance(told, list) else told}. Is the disk full?"
    if isinstance(problem, OSError) and problem.errno in FULL:
        full = problem.filename2 or problem.filename  # of a copy, where to
        where = f" at {full!r}" if full else ""
        return f"expected free disk space{where}, found: {problem.strerror}; free some, and run the command again"
    if isinstance(problem, SafetensorError) and "I/O error" in str(problem):  # it tells neither the number nor the file
        return f"expected to read and write a file, found: {problem}; fix that (is the disk full?), and run the command again"
    if isinstance(problem, OSError) and problem.errno in CLOSED and problem.filename:
        return (
            f"expected to read and write at {str(problem.filename)!r}, found: {problem.strerror}; give this account "
            "access, or name another place (docs/settings.md lists the settings)"
        )
    return None
