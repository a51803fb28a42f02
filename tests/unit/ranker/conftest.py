"""A trained ranker of the small shop, once a session."""

from pathlib import Path

import pytest

from shelfwise_ranker.rank import Ranker
from tests.support.ranker import build_ranker


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranker")
    build_ranker(folder)
    return folder


@pytest.fixture(scope="session")
def ranker(built: Path) -> Ranker:
    return Ranker.open(built, "v1")
