"""What the four services say at `/metrics`: each metric with its labels, those that Prometheus adds left out."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from shelfwise_embedder.app import create_app as embedder
from shelfwise_embedder.settings import EmbedderSettings
from shelfwise_gateway.app import create_app as gateway
from shelfwise_gateway.settings import GatewaySettings
from shelfwise_ranker.app import create_app as ranker
from shelfwise_ranker.settings import RankerSettings
from shelfwise_retriever.app import create_app as retriever
from shelfwise_retriever.settings import RetrieverSettings
from tests.support.asgi import service_client
from tests.support.catalog import publish_shelf
from tests.support.metrics import until_metrics
from tests.support.waiting import until_ready
from tests.unit.embedder.bundles import publish_fake_bundle

NOWHERE = "http://127.0.0.1:9"
NO_DATABASE = SecretStr("postgresql://127.0.0.1:9/nothing")

Exported = dict[str, set[str]]
"""The labels of each sample's name; for a histogram also under the name that its three kinds of samples share. A metric that
has no sample yet is there under its own name, without labels."""


async def exported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Exported:
    """Services without a database, of which embedder and retriever serve a bundle, after a request each."""
    monkeypatch.setattr("shelfwise_retriever.living._START_WITHOUT_S", 0.0)
    found: Exported = {}
    async with _services(folder) as clients:
        for client in clients:
            await client.post("/embed", json={"texts": ["soap"]})
            for family in text_string_to_metric_families((await client.get("/metrics")).text):
                if not family.name.endswith("_created"):
                    _add(found, family.name, family.type, [(sample.name, set(sample.labels)) for sample in family.samples])
    return found


def _add(found: Exported, name: str, kind: str, samples: list[tuple[str, set[str]]]) -> None:
    if kind == "counter":
        name += "_total"
    found.setdefault(name, set())
    for sample, labels in samples:
        found.setdefault(sample, set()).update(labels)
        found[name] |= labels - {"le"}


@asynccontextmanager
async def _services(folder: Path) -> AsyncIterator[list[httpx.AsyncClient]]:
    publish_fake_bundle(folder / "encoder")
    publish_shelf(folder / "catalog")
    serving = [
        embedder(EmbedderSettings(bundles=str(folder / "encoder"), embedder_engine="fake")),
        retriever(RetrieverSettings(bundles=str(folder / "catalog"), database_url=NO_DATABASE, embedder_url=NOWHERE)),
    ]
    others = [
        ranker(RankerSettings(bundles=str(folder / "none"), database_url=NO_DATABASE)),
        gateway(GatewaySettings(embedder_url=NOWHERE, retriever_url=NOWHERE, ranker_url=NOWHERE)),
    ]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(service_client(app)) for app in (*serving, *others)]
        for client in clients[: len(serving)]:
            await until_ready(client)
        await until_metrics(clients[-1], upstream_ready=0)
        yield clients
