"""The ranker's application."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from prometheus_client import Gauge

from shelfwise.app import Live, create_service
from shelfwise.app.compute import Compute
from shelfwise.app.metrics import Metrics
from shelfwise.bundle import BundleStore
from shelfwise_ranker import routes, warm_up
from shelfwise_ranker.feature_log import FeatureLog
from shelfwise_ranker.rank import Ranker
from shelfwise_ranker.routes import RankerState
from shelfwise_ranker.settings import RankerSettings
from shelfwise_ranker.shoppers import routes as shopper_routes
from shelfwise_ranker.shoppers.database import Database
from shelfwise_ranker.shoppers.following import Follower
from shelfwise_ranker.shoppers.writing import EventWriter


def create_app(settings: RankerSettings) -> FastAPI:
    """The ranker as an ASGI application; nothing is opened before its lifespan begins."""
    live: Live[Ranker] = Live(
        BundleStore(settings.bundles, settings.bundle_cache), "ranker", warm_up.load, settings.bundle_poll_s
    )
    metrics = Metrics("ranker")
    waiting = Gauge("shelfwise_rank_waiting", "Requests that wait to be ranked.", registry=metrics.registry)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[RankerState]:
        async with AsyncExitStack() as stack:
            compute = Compute(settings.ranker_queue, "ranking")
            waiting.set_function(lambda: compute.waiting)
            database, events = await _shoppers(settings, live, metrics, stack)
            _run(live.follow(), stack)
            yield RankerState(live=live, compute=compute, feature_log=_feature_log(settings), database=database, events=events)

    return create_service(
        "ranker",
        settings=settings,
        metrics=metrics,
        readiness=lambda: live,
        lifespan=lifespan,
        routers=[routes.router, shopper_routes.hot],
        description="Scores candidates by learned features and says why.",
    )


async def _shoppers(
    settings: RankerSettings, live: Live[Ranker], metrics: Metrics, stack: AsyncExitStack
) -> tuple[Database | None, EventWriter | None]:
    """What needs the database, running; nothing without one."""
    if settings.database_url is None:
        return None, None
    database = await stack.enter_async_context(
        Database(
            settings.database_url.get_secret_value(),
            connections=settings.ranker_database_connections,
            waiting=settings.ranker_database_waiting,
            timeout_s=settings.ranker_database_timeout_s,
        )
    )
    follower = Follower(database, live, metrics.registry)
    known_products = lambda: live.engine.table.row_of if live.ready else ()  # noqa: E731
    writer = EventWriter(database, settings.ranker_events_queue, known_products, follower, metrics.registry)
    _run(follower.run(), stack)
    _run(writer.run(), stack)
    return database, writer


def _run(work: Coroutine[Any, Any, None], stack: AsyncExitStack) -> None:
    """Runs as a task until the stack ends."""
    stack.push_async_callback(_ended, asyncio.create_task(work))


def _feature_log(settings: RankerSettings) -> FeatureLog | None:
    if settings.ranker_feature_log is None:
        return None
    return FeatureLog(settings.ranker_feature_log, settings.ranker_feature_log_share, settings.ranker_feature_log_bytes)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
