"""The real launcher in a folder of its own, as a user would start it."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from shelfwise_pipeline.launcher.plan import replicas_of

START_TIMEOUT_S = 600
STOP_TIMEOUT_S = 40
SHELFWISE = Path(sys.executable).with_name("shelfwise")


def free_port() -> int:
    """A free port whose neighbours that the launcher needs are free, too.

    It is drawn at random: a build comes before the ports are listened on, and tests that run at the same time must not choose
    the same ones.
    """
    for port in random.sample(range(21000, 29000, 20), 100):
        try:
            for replica in replicas_of(port, 2):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", replica.port))
        except OSError:
            continue
        return port
    raise RuntimeError("no free ports between 21000 and 29000")


class RunningShop:
    """`shelfwise run` with the small demo shop; `stop` ends it."""

    def __init__(self, var: Path, port: int | None = None, replicas: int = 1) -> None:
        self.var = var
        self.port = port or free_port()
        self._replicas = {(one.service, one.number): one for one in replicas_of(self.port, replicas)}
        self.url = self.url_of("gateway")
        self.output = var / f"launcher-{self.port}.txt"
        var.mkdir(parents=True, exist_ok=True)
        self._environment = {
            **os.environ,
            "SHELFWISE_DEMO": "small",
            "SHELFWISE_VAR": str(var),
            "SHELFWISE_BUNDLES": str(var / "bundles"),
        }
        self._environment.pop("DATABASE_URL", None)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [SHELFWISE, "run", "--port", str(self.port), "--replicas", str(replicas)],
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """What the launcher printed."""
        return self.output.read_text()

    def wait_for(self, sentence: str, timeout_s: float = START_TIMEOUT_S) -> None:
        deadline = time.monotonic() + timeout_s
        while sentence not in self.said:
            if self.process.poll() is not None:
                raise AssertionError(f"the launcher ended with {self.process.returncode}:\n{self.said}")
            if time.monotonic() > deadline:
                raise AssertionError(f"no {sentence!r} within {timeout_s} s:\n{self.said}")
            time.sleep(0.05)

    def wait_until_it_answers(self) -> None:
        self.wait_for("stop: Ctrl-C")

    def stop(self, by: signal.Signals = signal.SIGINT) -> int:
        """Send Ctrl-C or another signal, and return the launcher's exit code.

        Raises AssertionError, with the launcher's output, if it had already ended.
        """
        if self.process.poll() is not None:
            raise AssertionError(f"the launcher had ended with {self.process.returncode}:\n{self.said}")
        self.process.send_signal(by)
        return self.process.wait(STOP_TIMEOUT_S)

    def url_of(self, service: str, replica: int = 1) -> str:
        return self._replicas[service, replica].url

    def pid_of(self, service: str, replica: int = 1) -> int:
        """The process of one service, found by the port it listens on."""
        port = self._replicas[service, replica].port
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # another child, killed just now
                if any(c.laddr.port == port for c in child.net_connections("tcp") if c.status == psutil.CONN_LISTEN):
                    return child.pid
        raise AssertionError(f"no child listens on {port}")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another `shelfwise` command on the same shop."""
        command = [str(SHELFWISE), *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=60, check=False)

    def recommend(self, **question: object) -> httpx.Response:
        return httpx.post(f"{self.url}/recommend", json={"deadline_ms": 5000, **question}, timeout=10)
