"""Runs an application in the test's own process, with its lifespan."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


@asynccontextmanager
async def service_client(app: FastAPI, *, raise_app_exceptions: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """A client that calls `app` directly, while its lifespan runs.

    `httpx.ASGITransport` runs no lifespan and carries no lifespan state; this does both, as a server would.
    """
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(_with_state(app, dict(state or {})), raise_app_exceptions=raise_app_exceptions)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client


def _with_state(app: ASGIApp, state: dict[str, object]) -> ASGIApp:
    async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = state.copy()
        await app(scope, receive, send)

    return with_state
