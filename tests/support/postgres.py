"""A real PostgreSQL for tests: one server for the session, and a new database for every test.

Use it in a `conftest.py`: `from tests.support.postgres import database, empty_database, postgres  # noqa: F401`.
"""

import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest

from shelfwise_pipeline.database import EmbeddedPostgres, connect, migrate

TEMPLATE = "migrated"


@dataclass
class Postgres:
    """The session's server. Databases made from the migrated template take a few hundredths of a second."""

    url: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _has_template: bool = False

    def url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    @contextmanager
    def temporary(self, *, migrated: bool) -> Iterator[str]:
        if migrated and not self._has_template:
            self._run(f"CREATE DATABASE {TEMPLATE}")
            migrate(self.url_of(TEMPLATE))
            self._has_template = True
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}" + (f" TEMPLATE {TEMPLATE}" if migrated else ""))
        try:
            yield self.url_of(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not below pytest's own temporary folder: under root the server runs as another user, to whom pytest closes that folder.
    folder = Path(tempfile.mkdtemp(prefix="shelfwise-postgres-"))
    try:
        with EmbeddedPostgres(folder / "server", durable=False) as url:
            yield Postgres(url)
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def empty_database(postgres: Postgres) -> Iterator[str]:
    """The URL of a database without any of Shelfwise's schemas."""
    with postgres.temporary(migrated=False) as url:
        yield url


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database with the current schema."""
    with postgres.temporary(migrated=True) as url:
        yield url


class KillablePostgres:
    """A durable server for one test, which can be killed as if its host lost power, and started again."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder / "server")
        self.url = self._server.start()
        migrate(self.url)

    def kill(self) -> None:
        """Send SIGKILL to the server; its children exit as soon as they notice."""
        pid = self._pid()
        os.kill(pid, signal.SIGKILL)
        while psutil.pid_exists(pid):  # as long as it does, a new server respects its lock file
            time.sleep(0.01)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Suspends the server and its children, as if their disk hung; connections stay open."""
        server = psutil.Process(self._pid())
        processes = [server, *server.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def _pid(self) -> int:
        return int((self._server.data / "postmaster.pid").read_text().split()[0])

    def revive(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture
def killable_postgres() -> Iterator[KillablePostgres]:
    folder = Path(tempfile.mkdtemp(prefix="shelfwise-postgres-"))
    server = KillablePostgres(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
