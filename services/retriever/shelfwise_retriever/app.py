"""The retriever's application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypedDict

from fastapi import FastAPI

from shelfwise.app import Live, create_service
from shelfwise.app.metrics import Metrics
from shelfwise.bundle import BundleStore
from shelfwise_retriever import routes
from shelfwise_retriever.served import Served, load
from shelfwise_retriever.settings import RetrieverSettings
from shelfwise_retriever.work import Workers


class State(TypedDict):
    """What the lifespan hands to requests."""

    live: Live[Served]
    workers: Workers


def create_app(settings: RetrieverSettings) -> FastAPI:
    """The application; nothing is opened before its lifespan starts."""
    store = BundleStore(settings.bundles, settings.bundle_cache)
    live = Live(store, "catalog", partial(load, mask_bytes=settings.retriever_filter_bytes), settings.bundle_poll_s)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        workers = Workers(settings.retriever_threads, settings.retriever_waiting)
        following = asyncio.create_task(live.follow(), name="follow-bundle")
        try:
            yield State(live=live, workers=workers)
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            workers.close()

    return create_service(
        "retriever",
        settings=settings,
        metrics=Metrics("retriever"),
        readiness=lambda: live,
        lifespan=lifespan,
        routers=[routes.router],
        description="Candidates.",
    )
