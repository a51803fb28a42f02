"""Reads a service's `/metrics`."""

import asyncio

import httpx
from prometheus_client.parser import text_string_to_metric_families


async def metrics_of(client: httpx.AsyncClient) -> dict[str, float]:
    """The last value of each name, whatever its labels."""
    text = (await client.get("/metrics")).raise_for_status().text
    return {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


async def until_metrics(client: httpx.AsyncClient, within_s: float = 20, **expected: float) -> None:
    """Return as soon as the metrics have the `expected` values; their names are given without `shelfwise_`."""
    found: dict[str, float | None] = {}
    try:
        async with asyncio.timeout(within_s):
            while found != expected:
                said = await metrics_of(client)
                found = {name: said.get(f"shelfwise_{name}") for name in expected}
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise TimeoutError(f"expected {expected}, found {found}") from None
