"""A small shop, built once by the real pipeline for all end-to-end tests, and served by the four real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.living.kills.shop import copied
from tests.support.launcher import RunningShop


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped shop that `shelfwise run` made from nothing: to be copied, never to be changed."""
    var = tmp_path_factory.mktemp("made")
    running = RunningShop(var)
    try:
        running.wait_until_it_answers()
    finally:
        running.stop()
    return var


@pytest.fixture(scope="session")
def var(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(made, tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def shop(var: Path) -> Iterator[RunningShop]:
    running = RunningShop(var)
    try:
        running.wait_until_it_answers()
        yield running
    finally:
        running.stop()
