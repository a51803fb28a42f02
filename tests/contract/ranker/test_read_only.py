"""A read-only database, such as a standby: histories can be read, events must wait for one that accepts writes."""

from pathlib import Path

from shelfwise_pipeline.database import connect
from tests.support.living import event, living_ranker


async def test_events_are_refused_while_the_database_only_reads_and_stored_later(bundles: Path, database: str) -> None:
    with connect(database, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        async with living_ranker(bundles, database) as client:
            answer = await client.post("/events", json=[event("e1")])
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable"), answer.text
            assert (await client.post("/context", json={"user_id": "u1"})).status_code == 200
            # Connections made before stay read-only, as those to a standby do.
            connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            tries = [(await client.post("/events", json=[event("e1")])).status_code for _ in range(5)]
            assert tries[-1] == 202
        assert connection.execute("SELECT count(*) FROM behavior.events").fetchone() == (1,)
