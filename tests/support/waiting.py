"""Waits for a service to serve a bundle."""

import asyncio
import time

import httpx


async def until_ready(client: httpx.AsyncClient, bundle: str | None = None, within_s: float = 20) -> None:
    """Return when `/readyz` says yes, with `bundle` if one is named; fail with its last answer after `within_s`."""
    give_up_at = time.monotonic() + within_s
    while True:
        answer = await client.get("/readyz")
        if answer.status_code == 200 and bundle in (None, answer.json()["bundle"]):
            return
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"expected bundle {bundle or 'of any version'} to be served, found {answer.text}")
        await asyncio.sleep(0.01)
