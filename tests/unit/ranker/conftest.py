"""The small shop's ranker, opened once per test session."""

from pathlib import Path

import pytest

from shelfwise_ranker.rank import Ranker
from tests.support.ranker import Trained


@pytest.fixture(scope="session")
def built(trained: Trained) -> Path:
    return trained.folder


@pytest.fixture(scope="session")
def ranker(built: Path) -> Ranker:
    return Ranker.open(built, "v1")
