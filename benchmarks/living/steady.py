"""An open loop: asks at a steady rate, whether or not earlier questions were answered."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

import aiohttp
import orjson

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One question and what came back."""

    sent_at_s: float
    """Seconds since the loop began."""
    took_ms: float
    status: int
    """0: no answer at all."""
    bundle: str | None
    degraded: tuple[str, ...]


async def ask_steadily(url: str, queries: Iterable[str], rate: float, seconds: float) -> list[Answered]:
    """POST `rate` requests a second to `/recommend` of `url` for `seconds`, with the API's default deadline."""
    began = time.perf_counter()
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        asked: list[asyncio.Task[Answered]] = []
        for place, query in zip(range(int(rate * seconds)), queries, strict=False):
            await asyncio.sleep(began + place / rate - time.perf_counter())
            asked.append(asyncio.create_task(_ask(session, url, query, began)))
        return await asyncio.gather(*asked)


async def _ask(session: aiohttp.ClientSession, url: str, query: str, began: float) -> Answered:
    started = time.perf_counter()
    status, body = 0, {}
    try:
        async with session.post(f"{url}/recommend", json={"product_name": query}) as response:
            body = orjson.loads(await response.read())
            status = response.status
    except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError):
        status = 0
    took_ms = 1000 * (time.perf_counter() - started)
    return Answered(started - began, took_ms, status, body.get("bundle"), tuple(body.get("degraded", ())))
