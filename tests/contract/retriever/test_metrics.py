"""A retriever's `/metrics` while its database is available, away and back."""

import asyncio
import time
from pathlib import Path

from pydantic import SecretStr

from shelfwise_pipeline.database import connect
from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings
from tests.support.asgi import service_client
from tests.support.catalog import publish_shelf
from tests.support.metrics import metrics_of, until_metrics
from tests.support.postgres import KillablePostgres, killable_postgres
from tests.support.waiting import until_ready

__all__ = ["killable_postgres"]


async def test_metrics_show_the_state_of_bundle_database_and_changes(
    killable_postgres: KillablePostgres, tmp_path: Path
) -> None:
    before = time.time()
    publish_shelf(tmp_path)
    settings = RetrieverSettings(
        bundles=str(tmp_path), bundle_poll_s=0.02, retriever_poll_s=0.02, database_url=SecretStr(killable_postgres.url)
    )
    async with service_client(create_app(settings)) as client:
        await until_ready(client)
        await until_metrics(client, ready=1, problem=0, bundle_refused=0, database_up=1, changes_followed=1, changes_applied=0)
        with connect(killable_postgres.url, autocommit=True) as connection:
            # A product of this text has a vector already.
            connection.execute("INSERT INTO catalog.products (product_id, title, category) VALUES ('1', 'Desk lamp', '{Home}')")
        await until_metrics(client, changes_applied=1)
        assert before <= (await metrics_of(client))["shelfwise_bundle_built_timestamp_seconds"] <= time.time()
        assert 'shelfwise_bundle_info{bundle="v1"} 1.0' in (await client.get("/metrics")).text

        killable_postgres.kill()
        await until_metrics(client, ready=1, problem=1, database_up=0, changes_followed=0, changes_applied=1)
        await asyncio.to_thread(killable_postgres.revive)
        await until_metrics(client, problem=0, database_up=1, changes_followed=1)
        assert (await metrics_of(client))["shelfwise_changes_lag_seconds"] < 10

        (tmp_path / "current").write_text("nowhere\n")
        await until_metrics(client, ready=1, problem=1, bundle_refused=1)
