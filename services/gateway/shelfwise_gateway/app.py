"""The gateway's application."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import get_args

from fastapi import FastAPI

from shelfwise.app import create_service
from shelfwise.app.metrics import Metrics
from shelfwise.tasks import Background
from shelfwise_gateway import pages
from shelfwise_gateway.admission import Admission
from shelfwise_gateway.auth import ApiKeys
from shelfwise_gateway.degrade import Step
from shelfwise_gateway.health import UpstreamHealth
from shelfwise_gateway.last_good import LastGood
from shelfwise_gateway.openapi import document_requests
from shelfwise_gateway.recommend import Recommender
from shelfwise_gateway.rerank import Reranker
from shelfwise_gateway.routes import hot, router
from shelfwise_gateway.routes_batch import hot_batch
from shelfwise_gateway.routes_products import router as products_router
from shelfwise_gateway.routes_rerank import hot_rerank
from shelfwise_gateway.routes_scenarios import scenario_router
from shelfwise_gateway.routes_shoppers import hot_shoppers, shoppers_router
from shelfwise_gateway.scenarios import Scenarios
from shelfwise_gateway.settings import GatewaySettings
from shelfwise_gateway.state import GatewayState
from shelfwise_gateway.synonyms import Synonyms
from shelfwise_gateway.timings import StageMetrics
from shelfwise_gateway.trending import TrendingHeld
from shelfwise_gateway.upstreams import Connect, connect

DESCRIPTION = "Product recommendations: send a text, a product, a cart or a shopper, and get the products that fit best."


def create_app(settings: GatewaySettings, connect: Connect = connect) -> FastAPI:
    """The gateway over the services that `connect` reaches.

    Raises:
        OSError: the scenarios file or the synonyms file cannot be read.
        ValueError: one of them is invalid.
    """
    metrics = Metrics("gateway")
    health = UpstreamHealth(metrics)
    background = Background()
    scenarios = Scenarios.load(settings.scenarios)
    synonyms = Synonyms.load(settings.synonyms)
    keys = ApiKeys(settings.api_keys.get_secret_value())
    stages = StageMetrics(metrics)
    for step in get_args(Step):  # start at 0: a series that appears with its first count would show no increase
        metrics.degraded.labels(step)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[GatewayState]:
        async with connect(settings) as upstreams, AsyncExitStack() as stack:
            trending = TrendingHeld(upstreams)
            last_good = LastGood(settings.last_good_bytes, settings.last_good_s)
            background.run_within(stack, "probe-upstreams", lambda: health.follow(upstreams, settings.probe_s))
            background.run_within(stack, "tidy-last-good", last_good.keep_tidy)
            background.run_within(stack, "follow-trending", lambda: trending.follow(settings.trending_s))
            yield {
                "recommender": Recommender(upstreams, scenarios, last_good, trending, metrics, stages, synonyms),
                "reranker": Reranker(upstreams, metrics, stages, synonyms),
                "scenarios": scenarios,
                "synonyms": synonyms,
                "retriever": upstreams.retriever,
                "events": upstreams.events,
                "last_good": last_good,
                "event_admission": Admission(settings.max_in_flight),  # its own, so that a rush of events blocks no questions
                "keys": keys,
                "admission": Admission(settings.max_in_flight),
                "bulk_admission": Admission(settings.max_bulk),
            }

    app = create_service(
        "gateway",
        settings=settings,
        metrics=metrics,
        readiness=lambda: health,
        background=background,
        lifespan=lifespan,
        routers=[hot, hot_batch, hot_rerank, hot_shoppers, scenario_router, router, shoppers_router, products_router],
        description=DESCRIPTION,
        docs=False,
    )
    pages.install(app)
    document_requests(app)
    return app
