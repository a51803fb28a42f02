"""A retriever whose database is not the one that its bundle was built from."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings
from tests.support.asgi import service_client
from tests.support.catalog import publish_shelf
from tests.support.postgres import database, postgres
from tests.support.waiting import until_ready

__all__ = ["database", "postgres"]


async def test_a_foreign_database_is_reported_as_long_as_it_is_there_and_logged_once(
    database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish_shelf(tmp_path, last_change=500)
    settings = RetrieverSettings(bundles=str(tmp_path), retriever_poll_s=0.01, database_url=SecretStr(database))
    async with service_client(create_app(settings)) as client:
        await until_ready(client)
        for _ in range(20):
            for path in ("/readyz", "/changes"):
                told = (await client.get(path)).json()["problem"]
                assert "expected change 500 in the catalog's change log, found no such change" in str(told)
            await asyncio.sleep(0.01)
    assert sum("are not followed" in record.message for record in caplog.records) == 1
