"""A database restored to a new server, whose transaction numbers are still small: restored rows are not new ones."""

import asyncio
from pathlib import Path

import pytest

from shelfwise_pipeline.database import connect, migrate
from tests.contract.ranker.test_following import counted
from tests.support.living import event, living_ranker

TABLES = ("behavior.events", "behavior.shopper_changes", "behavior.retractions")
OF_ANOTHER_SERVER = "UPDATE {} SET transaction = (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 300)::text::xid8"


@pytest.fixture
async def restored(bundles: Path, database: str) -> str:
    async with living_ranker(bundles, database) as client:
        await client.post("/events", json=[event(f"e{n}", kind="purchase", user_id=f"u{n}") for n in range(3)])
        await client.post("/users/erase", json={"user_id": "u0"})
        await client.post("/events/retract", json={"event_ids": ["e1"]})
    with connect(database, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(OF_ANOTHER_SERVER.format(table))
    return database


async def test_restored_events_are_not_counted_again_at_every_look(bundles: Path, restored: str) -> None:
    async with living_ranker(bundles, restored) as client:
        await counted(client, 1)
        await client.post("/events", json=event("later", user_id="u0"))
        await counted(client, 2)


async def test_restored_events_are_counted_once_even_after_their_numbers_are_reached(bundles: Path, restored: str) -> None:
    migrate(restored)
    async with living_ranker(bundles, restored) as client:
        await counted(client, 1)
        with connect(restored, autocommit=True) as connection:
            for _ in range(400):
                connection.execute("SELECT pg_current_xact_id()")
        await asyncio.sleep(0.6)
        await client.post("/events", json=event("later", user_id="u0"))
        await counted(client, 2)
