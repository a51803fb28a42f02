"""Rankers with a real PostgreSQL, in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from shelfwise_ranker.app import create_app
from shelfwise_ranker.settings import RankerSettings
from tests.support.asgi import service_client
from tests.support.waiting import until_ready


@asynccontextmanager
async def living_ranker(bundles: Path, database: str, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a ranker that is ready and has reached the database at `database`."""
    given = RankerSettings(bundles=str(bundles), bundle_poll_s=0.02, database_url=SecretStr(database), **settings)
    async with service_client(create_app(given)) as client:
        await until_ready(client)
        await until_answered(client, "/context", {"user_id": "somebody"})
        yield client


async def until_answered(client: httpx.AsyncClient, path: str, body: Any, within_s: float = 20) -> httpx.Response:
    """The first answer without an error; raises TimeoutError after `within_s`."""
    answer = await client.post(path, json=body)
    async with asyncio.timeout(within_s):
        while answer.status_code >= 400:
            await asyncio.sleep(0.02)
            answer = await client.post(path, json=body)
    return answer


def event(event_id: str, product_id: str = "p001", kind: str = "view", ago_s: float = 60, **more: Any) -> dict[str, Any]:
    """An event of the user `u1`, unless `more` names a user or session."""
    moment = datetime.now(UTC) - timedelta(seconds=ago_s)
    who = {} if {"user_id", "session_id"} & more.keys() else {"user_id": "u1"}
    return {
        "event_id": event_id, "type": kind, "product_id": product_id, "timestamp": moment.isoformat(), **who, **more,
    }  # fmt: skip
