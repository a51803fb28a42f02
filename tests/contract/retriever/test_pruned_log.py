"""A retriever does not serve a bundle that cannot be brought up to date from the change log."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from shelfwise.bundle import BundleStore
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.database.pruning import prune_changes
from shelfwise_retriever.app import create_app
from shelfwise_retriever.settings import RetrieverSettings
from tests.support.asgi import service_client
from tests.support.catalog import publish_shelf
from tests.support.postgres import database, postgres
from tests.support.waiting import until_ready

__all__ = ["database", "postgres"]


async def test_a_bundle_from_before_the_beginning_of_the_change_log_is_refused(database: str, tmp_path: Path) -> None:
    publish_shelf(tmp_path)
    with connect(database, autocommit=True) as connection:
        for number in range(5):
            connection.execute("INSERT INTO catalog.products (product_id, title) VALUES (%s, 'Lamp')", [f"new{number}"])
        settings = RetrieverSettings(bundles=str(tmp_path), bundle_poll_s=0.02, database_url=SecretStr(database))
        async with service_client(create_app(settings)) as client:
            await until_ready(client, BundleStore(str(tmp_path)).current())
        prune_changes(connection, 3)
    async with service_client(create_app(settings)) as client:
        with pytest.raises(TimeoutError, match="begins with 3; older changes were pruned: publish a newer bundle"):
            await until_ready(client, within_s=2)
