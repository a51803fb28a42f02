"""The factory of every service's application."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI

from shelfwise import __version__
from shelfwise.app import error_handlers
from shelfwise.app.direct import Service, direct_apps
from shelfwise.app.health import Readiness, health_router
from shelfwise.app.metrics import Metrics
from shelfwise.app.middleware import RequestMiddleware
from shelfwise.app.state_metrics import ReadinessMetrics
from shelfwise.settings import ServiceSettings
from shelfwise.tasks import Background

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def create_service(
    name: str,
    *,
    settings: ServiceSettings,
    metrics: Metrics,
    readiness: Callable[[], Readiness],
    background: Background,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    description: str = "",
    docs: bool = True,
) -> FastAPI:
    """A FastAPI application with health routes, metrics, the one error body and the request middleware.

    `lifespan` owns the resources; `readiness` determines what `/readyz` and `/metrics` report, together with the failed tasks
    in `background`. FastAPI's pages at `/docs` and `/redoc` load their scripts from other hosts; with `docs` False the service
    provides its own pages.
    """
    app = Service(
        title=f"Shelfwise {name}",
        version=__version__,
        description=description,
        lifespan=lifespan,
        docs_url="/docs" if docs else None,
        redoc_url="/redoc" if docs else None,
        # For a path with a slash too many, FastAPI would redirect to an address from the Host header, which anybody may have
        # written, and by http, since the proxy's https is not known here: a key would be sent once more, for all to read.
        redirect_slashes=False,
    )
    app.state.max_body_bytes = settings.max_body_bytes
    app.state.body_s = settings.body_s
    error_handlers.install(app, routers)
    metrics.registry.register(ReadinessMetrics(readiness, background))
    for router in routers:
        app.include_router(router)
    app.include_router(health_router(name, metrics, readiness, background))
    app.add_middleware(RequestMiddleware, metrics=metrics)
    app.direct = {place: RequestMiddleware(answering, metrics) for place, answering in direct_apps(routers).items()}
    return app
