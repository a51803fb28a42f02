"""Commands that start processes leave none behind, whatever ends them."""

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from benchmarks.catalog import BenchmarkError
from benchmarks.ending import orderly_end

ROOT = Path(__file__).parents[3]

_COMMAND = """
import sys, time
from pathlib import Path
from benchmarks.ending import orderly_end
from tests.unit.benchmarks.test_system import _SERVER, _system
with orderly_end(), _system(Path(sys.argv[1]), _SERVER):
    print("started", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_process_that_was_started(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", _COMMAND, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "started\n"
        started = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(number)
        said = running.communicate(timeout=30)[1]
    assert len(started) == 2
    assert psutil.wait_procs(started, timeout=5)[1] == []
    assert (running.returncode, said) == (1, "interrupted; every process of the benchmark was ended\n")


def test_a_benchmark_error_exits_with_its_message() -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit, match="expected bundles"), orderly_end():
            raise BenchmarkError("expected bundles, found none")
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    "command", ["serving.__main__", "living.writes", "living.publishing", "living.events", "living.kills.__main__"]
)
def test_every_command_that_starts_processes_enters_orderly_end_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    class Entered(Exception):
        pass

    @contextmanager
    def entered() -> Iterator[None]:
        raise Entered
        yield

    module = importlib.import_module(f"benchmarks.{command}")
    monkeypatch.setattr(module, "orderly_end", entered)
    # In an empty folder, a command that skips it fails before it starts anything.
    monkeypatch.setattr(sys, "argv", [command, "--var" if "kills" in command else "--bundles", str(tmp_path)])
    with pytest.raises(Entered):
        module.main()
