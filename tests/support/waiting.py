"""Waits for other processes and threads: until a service serves a bundle, or until any condition holds."""

import asyncio
import time
from collections.abc import Callable

import httpx


async def until_ready(client: httpx.AsyncClient, bundle: str | None = None, within_s: float = 20) -> None:
    """Return when `/readyz` is ready, with `bundle` if one is named; fail with its last answer after `within_s`."""
    give_up_at = time.monotonic() + within_s
    while True:
        answer = await client.get("/readyz")
        if answer.status_code == 200 and bundle in (None, answer.json()["bundle"]):
            return
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"expected bundle {bundle or 'of any version'} to be served, found {answer.text}")
        await asyncio.sleep(0.01)


def wait_until(holds: Callable[[], bool], within_s: float = 20) -> None:
    """Return when `holds` returns true; fail after `within_s`."""
    give_up_at = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"what was waited for did not come within {within_s:.0f} s")
        time.sleep(0.01)
