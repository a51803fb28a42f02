"""A published bundle of the small shop, and a real PostgreSQL for the shoppers' events."""

from pathlib import Path

import pytest

from tests.support.postgres import database, killable_postgres, postgres
from tests.support.ranker import Trained, publish_ranker

__all__ = ["database", "killable_postgres", "postgres"]


@pytest.fixture(scope="session")
def built(trained: Trained) -> Path:
    return trained.folder


@pytest.fixture
def bundles(built: Path, tmp_path: Path) -> Path:
    publish_ranker(tmp_path / "bundles", built)
    return tmp_path / "bundles"
