"""A whole shop as its launcher starts it: two retrievers, two rankers, embedder, gateway, PostgreSQL. Each can be killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import psycopg

from benchmarks.catalog import BenchmarkError
from benchmarks.places import ROOT, server_environment
from benchmarks.serving.system import answers_200
from shelfwise_pipeline.database import EmbeddedPostgres
from shelfwise_pipeline.launcher.plan import Replica, environment_of, replicas_of

REPLICAS = 2
POSTGRES = "postgres"
STOP_S = 90.0


@dataclass(frozen=True, slots=True)
class Target:
    """What to kill: a replica of a service, or PostgreSQL (number 1)."""

    kind: str
    number: int = 1

    @property
    def name(self) -> str:
        return self.kind if self.number == 1 else f"{self.kind}-{self.number}"


class Shop:
    """A context that runs `shelfwise run` with the data in `var`: ready on entry, stopped in order on exit."""

    def __init__(self, var: Path, port: int, start_timeout_s: float = 300.0, **environment: str) -> None:
        self.var = var
        self.database = EmbeddedPostgres(var / "postgres")
        self.replicas = replicas_of(port, REPLICAS)
        self._port = port
        self._start_timeout_s = start_timeout_s
        self._environment = environment
        self._launcher: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self.urls("gateway")[0]

    def urls(self, service: str) -> list[str]:
        return [replica.url for replica in self.replicas if replica.service == service]

    def __enter__(self) -> Self:
        environment = server_environment(
            SHELFWISE_VAR=str(self.var), SHELFWISE_BUNDLES=str(self.var / "bundles"), **self._environment
        )
        environment.pop("DATABASE_URL", None)
        with self._output.open("wb") as output:
            self._launcher = subprocess.Popen(
                [
                    *(sys.executable, "-c", "from shelfwise_pipeline.cli.app import main; main()", "run"),
                    *("--port", str(self._port), "--replicas", str(REPLICAS)),
                ],
                env=environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._await("stop: Ctrl-C")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def kill(self, target: Target) -> None:
        """Kill the target with kill -9, PostgreSQL with all its sessions; return when the processes have ended.

        Raises:
            BenchmarkError: there is no such process.
        """
        found = self._postgres() if target.kind == POSTGRES else [self._process_of(target)]
        for process in found:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue  # a session that ended with its server
        psutil.wait_procs(found, timeout=10)

    def is_ready(self, target: Target) -> bool:
        """Whether the target answers again and is ready."""
        if target.kind != POSTGRES:
            return answers_200(f"{self._replica(target).url}/readyz")
        try:
            with psycopg.connect(self.database.url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def require_running(self) -> None:
        """Raise BenchmarkError, with the launcher's output, if the launcher has ended."""
        if self._launcher is None or self._launcher.poll() is not None:
            raise BenchmarkError(f"expected the launcher to go on, it ended:\n{self._said()}")

    @contextmanager
    def another_ranker(self, port: int) -> Iterator[str]:
        """The address of a new ranker with the same bundle and database."""
        replica = Replica("ranker", 99, port)
        environment = environment_of(replica, self.replicas, bundles=str(self.var / "bundles"), database_url=self.database.url)
        with (self.var / "another-ranker.txt").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", replica.module], env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT
            )
        try:
            give_up_at = time.monotonic() + self._start_timeout_s
            while not answers_200(f"{replica.url}/readyz"):
                if process.poll() is not None or time.monotonic() > give_up_at:
                    raise BenchmarkError(f"expected one more ranker to start; its log: {self.var / 'another-ranker.txt'}")
                time.sleep(0.1)
            yield replica.url
        finally:
            process.terminate()
            process.wait(STOP_S)

    @property
    def _output(self) -> Path:
        return self.var / "launcher.txt"

    def _said(self) -> str:
        return self._output.read_text(errors="replace")

    def _await(self, sentence: str) -> None:
        give_up_at = time.monotonic() + self._start_timeout_s
        while sentence not in self._said():
            self.require_running()
            if time.monotonic() > give_up_at:
                raise BenchmarkError(f"expected the shop to start within {self._start_timeout_s:.0f} s:\n{self._said()}")
            time.sleep(0.1)

    def _stop(self) -> None:
        if self._launcher is None:
            return
        if self._launcher.poll() is None:
            self._launcher.send_signal(signal.SIGINT)
        try:
            self._launcher.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._launcher.pid, signal.SIGKILL)
            self._launcher.wait()

    def _replica(self, target: Target) -> Replica:
        return next(one for one in self.replicas if (one.service, one.number) == (target.kind, target.number))

    def _process_of(self, target: Target) -> psutil.Process:
        """The launcher's child that listens on the replica's port."""
        assert self._launcher is not None
        port = self._replica(target).port
        for child in psutil.Process(self._launcher.pid).children():
            if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in child.net_connections("tcp")):
                return child
        raise BenchmarkError(f"expected the {target.name} to listen on port {port}, found nobody")

    def _postgres(self) -> list[psutil.Process]:
        first = int((self.database.data / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(first)
        return [postmaster, *postmaster.children(recursive=True)]


def copied(var: Path, target: Path) -> Path:
    """Copy the shop in `var`, its bundles and its database, to `target`. Owners and permissions of the files stay.

    Raises:
        BenchmarkError: there is no shop in `var`, or it is running.
    """
    for part in ("bundles", "postgres/data"):
        if not (var / part).is_dir():
            raise BenchmarkError(f"expected a shop in {str(var)!r}, found no {part}; run `make run` first")
    if EmbeddedPostgres(var / "postgres").listens():
        raise BenchmarkError(f"expected the shop in {str(var)!r} to be stopped; its database cannot be copied while it runs")
    target.mkdir(parents=True, exist_ok=True)
    target.chmod(0o755)
    (target / "postgres").mkdir()
    for part in ("bundles", "postgres/data"):
        shutil.copytree(var / part, target / part, copy_function=_copied_file)
        for folder in (target / part, *(path for path in (target / part).rglob("*") if path.is_dir())):
            _owned_like(var / part / folder.relative_to(target / part), folder)
    return target


def _copied_file(source: str, target: str) -> None:
    shutil.copy2(source, target)
    _owned_like(Path(source), Path(target))


def _owned_like(source: Path, target: Path) -> None:
    owner = source.stat()
    if os.geteuid() == 0:
        os.chown(target, owner.st_uid, owner.st_gid)
