"""The retriever's application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypedDict

from fastapi import FastAPI

from shelfwise.app import Live, create_service
from shelfwise.app.compute import Compute
from shelfwise.app.metrics import Metrics
from shelfwise.bundle import BundleStore
from shelfwise_retriever import routes
from shelfwise_retriever.served import Served, load
from shelfwise_retriever.settings import RetrieverSettings


class State(TypedDict):
    """What the lifespan hands to requests."""

    live: Live[Served]
    compute: Compute


def create_app(settings: RetrieverSettings) -> FastAPI:
    """The application; nothing is opened before its lifespan starts."""
    store = BundleStore(settings.bundles, settings.bundle_cache)
    live = Live(store, "catalog", partial(load, mask_bytes=settings.retriever_filter_bytes), settings.bundle_poll_s)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        following = asyncio.create_task(live.follow(), name="follow-bundle")
        try:
            yield State(live=live, compute=Compute(settings.retriever_queue, "this search"))
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    return create_service(
        "retriever",
        settings=settings,
        metrics=Metrics("retriever"),
        readiness=lambda: live,
        lifespan=lifespan,
        routers=[routes.hot, routes.router],
        description="Candidates.",
    )
