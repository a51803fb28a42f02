"""The settings of the ranker's connections to a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shelfwise.errors import Unavailable
from shelfwise_pipeline.database import connect
from shelfwise_ranker.shoppers import database as module
from shelfwise_ranker.shoppers.database import Connection, Database
from shelfwise_ranker.shoppers.people import LOCK
from shelfwise_ranker.shoppers.storing import SHARE_LOCK


@pytest.fixture
async def opened(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(module, "IDLE_S", 0.2)
    async with Database(database, connections=1, waiting=1, timeout_s=10) as opened:
        for _ in range(500):
            if opened.problem is None:
                break
            await asyncio.sleep(0.01)
        yield opened


async def test_keepalives_detect_a_vanished_database_host_within_30_seconds(opened: Database) -> None:
    async def parameters(connection: Connection) -> dict[str, str]:
        return connection.info.get_parameters()

    own = await opened.connected()
    of_its_own = await parameters(own)
    await own.close()
    for found in (of_its_own, await opened.run(parameters)):
        waits_s = int(found["keepalives_idle"]) + int(found["keepalives_interval"]) * int(found["keepalives_count"])
        assert waits_s < 30


async def test_a_ranker_stuck_in_a_transaction_does_not_hold_its_locks_for_long(opened: Database, database: str) -> None:
    async def stand_still(connection: Connection) -> None:
        async with connection.transaction():
            await connection.execute(SHARE_LOCK)
            with connect(database) as other:  # blocks this thread, so that the transaction stays idle
                other.execute("SET lock_timeout = '5s'")
                other.execute(LOCK)

    with pytest.raises(Unavailable, match="idle-in-transaction timeout"):
        await opened.run(stand_still)
