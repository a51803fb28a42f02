"""What the tests need of a container engine and of compose, whichever of its two commands is installed."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
SERVICES = ("embedder", "retriever", "ranker", "gateway")


def why_no_engine() -> str | None:
    """What is missing for these tests, or None."""
    if shutil.which("docker") is None:
        return "no `docker` command is installed"
    answer = subprocess.run(["docker", "info"], capture_output=True, text=True)
    if answer.returncode:
        return f"no container engine answers: {answer.stderr.strip()}"
    return None if compose_command() else "neither `docker compose` nor `docker-compose` is installed"


def compose_command() -> list[str] | None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


class Failed(AssertionError):
    """A command ended with an error; the message has its output."""


def run(command: list[str], *, timeout_s: float, environment: Mapping[str, str] | None = None) -> str:
    """The output of `command`, of both streams.

    Raises:
        Failed: it ended with another code than 0.
    """
    done = subprocess.run(
        command, cwd=ROOT, env=environment, text=True, timeout=timeout_s, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


class Project:
    """One shop of compose.yaml, separate from all others: its own name, image tag, port and volumes."""

    def __init__(self, name: str, port: int) -> None:
        command = compose_command()
        assert command is not None
        self._command = [*command, "--project-name", name, "--file", str(ROOT / "compose.yaml")]
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {
            **os.environ,
            "SHELFWISE_TAG": "test",
            "SHELFWISE_PUBLISHED_PORT": str(port),
            "SHELFWISE_DEMO": "small",
            # The host's network, because in CI a package index is often reachable only from the host.
            "SHELFWISE_BUILD_NETWORK": os.environ.get("SHELFWISE_BUILD_NETWORK", "host"),
        }

    def compose(self, *arguments: str, timeout_s: float = 120) -> str:
        return run([*self._command, *arguments], timeout_s=timeout_s, environment=self._environment)

    def up(self) -> None:
        """Start everything; if that fails, the message has the builder's log."""
        try:
            self.compose("up", "--detach", timeout_s=900)
        except Failed as failed:
            raise Failed(f"{failed}\n{self.compose('logs', '--no-color', 'builder')[-4000:]}") from None

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans")

    @cached_property
    def containers(self) -> dict[str, str]:
        """The id of each service's container; a restart keeps it."""
        names = ("postgres", "builder", *SERVICES)
        return {name: self._container_of(name) for name in names}

    def _container_of(self, service: str) -> str:
        labels = (f"com.docker.compose.project={self.name}", f"com.docker.compose.service={service}")
        listing = ["docker", "ps", "--all", "--quiet", *(part for label in labels for part in ("--filter", f"label={label}"))]
        return run(listing, timeout_s=30).strip()

    def inspect(self, service: str) -> dict[str, Any]:
        described: list[dict[str, Any]] = json.loads(run(["docker", "inspect", self.containers[service]], timeout_s=30))
        return described[0]

    def python(self, service: str, program: str) -> subprocess.CompletedProcess[str]:
        """Run `program` in the service's container, with its interpreter and as its user."""
        command = ["docker", "exec", self.containers[service], "python", "-c", program]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def wait_until_ready(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                answer = httpx.get(f"{self.url}/readyz", timeout=5)
                said = f"{answer.status_code} {answer.text}"
                if answer.status_code == 200:
                    return
            except httpx.TransportError as error:
                said = repr(error)
            if time.monotonic() > deadline:
                raise AssertionError(f"the gateway is not ready within {timeout_s} s, it last said: {said}")
            time.sleep(0.2)

    def recommend(self, **question: object) -> dict[str, Any]:
        """The answer to one question; it must be a 200."""
        answer = httpx.post(f"{self.url}/recommend", json={"deadline_ms": 5000, **question}, timeout=10)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body
