"""The unchanged compose.yaml, built and started once for all tests of this folder, with the small demo shop."""

import os
import socket
from collections.abc import Iterator

import pytest

from tests.containers.engine import Project, why_no_engine


@pytest.fixture(scope="session")
def shop() -> Iterator[Project]:
    if missing := why_no_engine():
        pytest.skip(missing)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    project = Project(f"shelfwise-test-{os.getpid()}", port)
    project.compose("build", timeout_s=1800)
    try:
        project.up()
        project.wait_until_ready(60)
        yield project
    finally:
        project.down()
