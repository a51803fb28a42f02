"""A system under test: its address, and the processes that the benchmark started for it and may stop."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from benchmarks.catalog import BenchmarkError
from benchmarks.places import ROOT, server_environment
from benchmarks.serving.memory import memory_bytes

START_TIMEOUT_S = 90.0
END_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Program:
    """One process to start: a command, its environment variables, and the URL that shows whether it is ready."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    ready_url: str


@dataclass
class System:
    """A context that starts its programs, waits until all are ready, and ends them (and only them) on exit.

    Without programs, it stands for servers that run already: they are measured, never stopped.
    """

    name: str
    host: str
    port: int
    programs: Sequence[Program] = ()
    logs: Path = ROOT / "var" / "benchmarks" / "logs"
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            for program in self.programs:
                self._start(program)
            for program, process in zip(self.programs, self._running, strict=True):
                self._await_ready(program, process)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    @property
    def ours(self) -> bool:
        return bool(self._running)

    def pause(self) -> None:
        """Suspend all processes, so that they use neither cores nor memory bandwidth."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue all processes, and wait until each is ready."""
        self._signal(signal.SIGCONT)
        for program, process in zip(self.programs, self._running, strict=False):
            self._await_ready(program, process)

    def cpu_s(self) -> float:
        """CPU seconds that the processes and their children have used so far; 0 if the benchmark did not start them."""
        return sum(sum(process.cpu_times()[:2]) for process in self._tree())

    def memory_mb(self) -> float:
        """Memory of all processes by the measure of `memory.measure_here`; 0 if the benchmark did not start them."""
        return sum(memory_bytes(process) for process in self._tree()) / 1e6

    def _start(self, program: Program) -> None:
        # A new session makes a new process group: signals reach the program's workers and no other process.
        with (self.logs / f"{program.name}.log").open("wb") as log:
            process = subprocess.Popen(
                program.command,
                env=server_environment(**program.environment),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)

    def _await_ready(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while not answers_200(program.ready_url):
            if process.poll() is not None:
                raise BenchmarkError(
                    f"{program.name} ended with {process.returncode} before it was ready: {self._tail(program)}"
                )
            if time.monotonic() > give_up_at:
                raise BenchmarkError(
                    f"expected {program.name} to be ready within {START_TIMEOUT_S:.0f} s, it is not: {self._tail(program)}"
                )
            time.sleep(0.1)

    def _tail(self, program: Program) -> str:
        path = self.logs / f"{program.name}.log"
        lines = path.read_text(errors="replace").strip().splitlines()[-15:]
        return "\n  ".join([f"the end of {path} is", *lines]) if lines else f"{path} is empty"

    def _signal(self, number: signal.Signals) -> None:
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, number)

    def _tree(self) -> list[psutil.Process]:
        parents = [psutil.Process(process.pid) for process in self._running if process.poll() is None]
        return [member for parent in parents for member in (parent, *parent.children(recursive=True))]

    def _end(self) -> None:
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)  # a suspended process cannot act on SIGTERM
        give_up_at = time.monotonic() + END_TIMEOUT_S
        for process in self._running:
            try:
                process.wait(max(0.1, give_up_at - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


def answers_200(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def python(*arguments: str) -> list[str]:
    """A command for this interpreter."""
    return [sys.executable, *arguments]
