"""kill -9 of a retriever, a ranker, the gateway and PostgreSQL, once each, while a small shop is written to."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.living.kills.__main__ import killed_and_checked
from benchmarks.living.kills.shop import Shop, copied
from tests.support.launcher import START_TIMEOUT_S, free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="shelfwise-kills-"))
    yield made
    shutil.rmtree(made)


def test_nothing_acknowledged_is_lost_and_nothing_counted_twice(made: Path, folder: Path) -> None:
    with Shop(copied(made, folder), free_port(), START_TIMEOUT_S, SHELFWISE_DEMO="none") as shop:
        facts = killed_and_checked(shop, rounds=4, seed=1, pause_s=0.05)
    assert {kill["target"] for kill in facts["kills"]} == {"retriever", "ranker", "gateway", "postgres"}
    assert facts["products_acknowledged"] > 100
    assert facts["events_acknowledged"] > 1_000
    assert sum(facts["sent_again"].values()) > 0, "the kills were felt"
    assert set(facts["problems"].values()) == {0}, facts["examples"]
