"""The embedder's application."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import FastAPI

from shelfwise.app import Live, Serving, create_service
from shelfwise.app.metrics import Metrics
from shelfwise.app.state_metrics import ServingMetrics
from shelfwise.bundle import BundleStore
from shelfwise.tasks import Background
from shelfwise_embedder import openai, routes
from shelfwise_embedder.embedding import EmbedderMetrics, load_embedding
from shelfwise_embedder.settings import EmbedderSettings
from shelfwise_embedder.state import EmbedderState


def create_app(settings: EmbedderSettings) -> FastAPI:
    """The application; nothing is opened before its lifespan starts."""
    metrics = Metrics("embedder")
    # One thread for all bundles: while a new one takes over, the two never compute at once.
    compute = ThreadPoolExecutor(max_workers=1, thread_name_prefix="compute")
    load = partial(load_embedding, settings=settings, compute=compute, metrics=EmbedderMetrics(metrics.registry))
    store = BundleStore(settings.bundles, settings.bundle_cache)
    live = Live(store, "encoder", load, settings.bundle_poll_s)
    background = Background()
    serving = Serving(live)
    metrics.registry.register(ServingMetrics(serving))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[EmbedderState]:
        async with AsyncExitStack() as stack:
            stack.callback(compute.shutdown, cancel_futures=True)
            background.run_within(stack, "follow-bundle", live.follow)
            yield EmbedderState(live=live)

    return create_service(
        "embedder",
        settings=settings,
        metrics=metrics,
        readiness=lambda: serving,
        background=background,
        lifespan=lifespan,
        routers=[routes.router, openai.router],
        description="Text to vector.",
    )
