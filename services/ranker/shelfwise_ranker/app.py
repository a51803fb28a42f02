"""The ranker's application."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from prometheus_client import Gauge

from shelfwise.app import Live, Serving, create_service
from shelfwise.app.compute import Compute
from shelfwise.app.metrics import Metrics
from shelfwise.app.state_metrics import ServingMetrics
from shelfwise.bundle import BundleStore
from shelfwise.tasks import Background
from shelfwise_ranker import routes, routes_statistics, warm_up
from shelfwise_ranker.explaining import Explaining
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.settings import RankerSettings
from shelfwise_ranker.shoppers import routes as shopper_routes
from shelfwise_ranker.shoppers.running import start
from shelfwise_ranker.state import RankerState


def create_app(settings: RankerSettings) -> FastAPI:
    """The ranker as an ASGI application; nothing is opened before its lifespan begins."""
    store = BundleStore(settings.bundles, settings.bundle_cache)
    live: Live[Ranker] = Live(store, "ranker", warm_up.load, settings.bundle_poll_s)
    serving = Serving(live)
    metrics = Metrics("ranker")
    metrics.registry.register(ServingMetrics(serving))
    waiting = Gauge("shelfwise_rank_waiting", "Requests that wait to be ranked or explained.", registry=metrics.registry)
    background = Background()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[RankerState]:
        async with AsyncExitStack() as stack:
            compute = Compute(settings.ranker_queue, "ranking")
            explaining = Explaining(settings.ranker_queue)
            stack.callback(explaining.close)
            waiting.set_function(lambda: compute.waiting + explaining.waiting)
            shoppers = await start(settings, live, metrics, background, stack)
            serving.following = shoppers.follower
            background.run_within(stack, "follow-bundle", live.follow)
            yield RankerState(
                live=live,
                compute=compute,
                explaining=explaining,
                feature_log=shoppers.feature_log,
                database=shoppers.database,
                events=shoppers.events,
            )

    return create_service(
        "ranker",
        settings=settings,
        metrics=metrics,
        readiness=lambda: serving,
        background=background,
        lifespan=lifespan,
        routers=[routes.router, routes_statistics.router, shopper_routes.hot],
        description="Scores candidates by learned features and says why.",
    )
