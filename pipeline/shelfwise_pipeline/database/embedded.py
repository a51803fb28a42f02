"""The embedded database: a real PostgreSQL 18 in a folder, for a laptop and for tests.

    with EmbeddedPostgres(Path("var/postgres")) as url:
        ...                                             # any process may connect to url

It listens on no port, but on a unix socket in a folder that only its own account can enter. Several processes may use one
folder at the same time: the first starts the server, the last stops it. The server has a session of its own, so Ctrl-C in a
terminal reaches the services first and the server only when its context ends.
"""

import hashlib
import logging
import os
import shlex
import socket
import stat
import tempfile
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg
from psycopg import sql

from shelfwise_pipeline.database.account import choose
from shelfwise_pipeline.database.errors import EmbeddedDatabaseError
from shelfwise_pipeline.database.occupancy import Occupancy
from shelfwise_pipeline.database.programs import Programs, installed_programs

log = logging.getLogger(__name__)

DATABASE = "shelfwise"
SUPERUSER = "postgres"
SOCKET_PATH_LIMIT = 100
"""Bytes. The kernel allows 107 (Linux) or 103 (macOS) for the whole path of a socket."""

ORPHANS_S = 15.0
"""The time that the sessions of a killed server may take to end."""

SERVER_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",  # our queries are short or plain scans: compiling costs more than it saves
}


class EmbeddedPostgres:
    """One server on one folder. Use it as a context manager, or call `start` and `stop`.

    If not `durable`, it never waits for the disk: for tests, whose data may be lost when the machine goes down.
    """

    def __init__(self, folder: Path, *, start_timeout_s: int = 60, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log_file = self.folder / "server.log"
        self._start_timeout_s = start_timeout_s
        self._durable = durable
        self._occupancy = Occupancy(self.folder)

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: inside the server's folder, unless the path is too long for a socket."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"shelfwise-{digest}"

    @property
    def url(self) -> str:
        """The libpq URL, as for DATABASE_URL."""
        return self._url(DATABASE)

    def start(self) -> str:
        """Starts the server unless it is running, and returns its URL. It takes less than a second; three the first time.

        Raises EmbeddedDatabaseError, with the last lines of the server's log.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        programs = self._programs()
        with self._occupancy.transition():
            self._occupancy.enter()
            try:
                self._prepare_folders(programs)
                if not self._answers(programs):
                    self._launch(programs)
                self._ensure_database()
            except BaseException:
                self._leave(programs)
                raise
        return self.url

    def stop(self) -> None:
        """Releases the server. Its last user stops it (after a checkpoint; open sessions are cut off)."""
        programs = self._programs()
        with self._occupancy.transition():
            self._leave(programs)

    def listens(self) -> bool:
        """Whether the server accepts connections. The check is cheap enough to run every second."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(str(self.socket_folder / ".s.PGSQL.5432"))
            except OSError:
                return False
        return True

    def revive(self) -> None:
        """Restarts a killed server, for one of its users. No committed data are lost: it recovers from its log.

        Raises EmbeddedDatabaseError, with the last lines of the server's log.
        """
        programs = self._programs()
        give_up_at = time.monotonic() + ORPHANS_S
        with self._occupancy.transition():
            while not self._answers(programs):
                try:
                    self._launch(programs)
                except EmbeddedDatabaseError:
                    # Sessions of the killed server notice its end and end, too; until then no other server can start.
                    if time.monotonic() > give_up_at:
                        raise
                    time.sleep(0.2)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.socket_folder))}"

    def _programs(self) -> Programs:
        """Return the programs, run as the server's account. It is let in again, in case a folder on the way was closed
        meanwhile."""
        account, folder = choose(self.data), installed_programs()
        for reachable in (self.data, self.socket_folder, folder / "postgres"):
            account.let_in(reachable)
        return Programs(folder, account)

    def _prepare_folders(self, programs: Programs) -> None:
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        self._require_own_socket_folder(programs)
        programs.account.own(self.socket_folder, 0o700)
        self.log_file.touch()
        programs.account.own(self.log_file, 0o600)
        if (self.data / "PG_VERSION").exists():
            return
        self.data.mkdir(exist_ok=True)
        programs.account.own(self.data, 0o700)
        # The builtin C.UTF-8 locale sorts the same on every system, so no index breaks under another libc.
        programs.run(
            "initdb", "-D", str(self.data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            *([] if self._durable else ["--no-sync"]),
        )  # fmt: skip
        log.info("made a new PostgreSQL cluster in %s", self.data)

    def _require_own_socket_folder(self, programs: Programs) -> None:
        """Check who owns the socket folder. Its name among the system's temporary files is predictable, so someone who created
        it first could pose as the database."""
        found = self.socket_folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), programs.account.uid}:
            raise EmbeddedDatabaseError(
                f"expected a folder of this account for the database's socket at {str(self.socket_folder)!r}, found "
                f"{'a link' if stat.S_ISLNK(found.st_mode) else f'one of account {found.st_uid}'}; "
                "remove it, or move the project to a shorter path"
            )

    def _answers(self, programs: Programs) -> bool:
        """Whether a server is running on this folder. Waits for one that is still recovering."""
        recovering = 1
        deadline = time.monotonic() + self._start_timeout_s
        while True:
            status = programs.status("pg_isready", "-q", "-h", str(self.socket_folder), "-d", SUPERUSER)
            if status != recovering or time.monotonic() > deadline:
                return status == 0
            time.sleep(0.1)

    def _launch(self, programs: Programs) -> None:
        settings = SERVER_SETTINGS | {
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "fsync": "on" if self._durable else "off",
        }
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        programs.run(
            "pg_ctl", "start", "-D", str(self.data), "-o", options, "-l", str(self.log_file),
            "-w", "-t", str(self._start_timeout_s), log_file=self.log_file,
        )  # fmt: skip
        log.info("started the embedded PostgreSQL in %s", self.folder)

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url(SUPERUSER), autocommit=True) as connection:
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _leave(self, programs: Programs) -> None:
        running = 0
        if self._occupancy.leave() and programs.status("pg_ctl", "status", "-D", str(self.data)) == running:
            programs.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60", log_file=self.log_file)
            log.info("stopped the embedded PostgreSQL in %s", self.folder)
