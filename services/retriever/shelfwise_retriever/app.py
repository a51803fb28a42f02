"""The retriever's application."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import FastAPI

from shelfwise.app import Live, Serving, create_service
from shelfwise.app.compute import Compute
from shelfwise.app.metrics import Metrics
from shelfwise.app.state_metrics import ServingMetrics
from shelfwise.bundle import BundleStore
from shelfwise.tasks import Background
from shelfwise_retriever import routes, routes_products
from shelfwise_retriever.living import Living, living
from shelfwise_retriever.served import load
from shelfwise_retriever.settings import RetrieverSettings
from shelfwise_retriever.state import RetrieverState


def create_app(settings: RetrieverSettings) -> FastAPI:
    """The application; nothing is opened before its lifespan starts."""
    store = BundleStore(settings.bundles, settings.bundle_cache)
    follows = settings.database_url is not None
    opened = partial(load, mask_bytes=settings.retriever_filter_bytes, follows=follows)
    live = Live(store, "catalog", opened, settings.bundle_poll_s)
    serving = Serving(live)
    background = Background()
    metrics = Metrics("retriever")
    metrics.registry.register(ServingMetrics(serving))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[RetrieverState]:
        async with AsyncExitStack() as stack:
            alive: Living | None = None
            if settings.database_url is not None:
                url = settings.database_url.get_secret_value()
                alive = await stack.enter_async_context(living(settings, url, background, lambda: live.engine.retriever))
                live.prepare_with(alive.prepare)
                serving.following = alive.follower
            background.run_within(stack, "follow-bundle", live.follow)
            yield RetrieverState(live=live, compute=Compute(settings.retriever_queue, "this search"), living=alive)

    return create_service(
        "retriever",
        settings=settings,
        metrics=metrics,
        readiness=lambda: serving,
        background=background,
        lifespan=lifespan,
        routers=[routes.hot, routes_products.router, routes.router],
        description="Candidates, and the catalog that they come from.",
    )
