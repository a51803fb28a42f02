"""One small shop, built with the real pipeline and served by the four real processes, for every end-to-end test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.launcher import RunningShop


@pytest.fixture(scope="session")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="session")
def shop(var: Path) -> Iterator[RunningShop]:
    running = RunningShop(var)
    try:
        running.wait_until_it_answers()
        yield running
    finally:
        running.stop()
