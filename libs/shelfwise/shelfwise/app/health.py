"""The routes of every service: whether it is alive, whether it can answer, what it serves, and how it is doing."""

from collections.abc import Callable
from typing import Any, Protocol

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from shelfwise import __version__
from shelfwise.app.metrics import CONTENT_TYPE, Metrics
from shelfwise.contracts.errors import ErrorBody
from shelfwise.errors import NotReady
from shelfwise.tasks import Background


class Readiness(Protocol):
    """What `/readyz` and `/version` read."""

    @property
    def ready(self) -> bool: ...
    @property
    def version(self) -> str | None: ...
    @property
    def problem(self) -> str | None: ...


_BUNDLE = "The bundle that is served (the gateway names the retriever's); null if none is."


class Alive(BaseModel):
    alive: bool = Field(True, description="Always true: a process that is not alive does not answer.")


class Ready(BaseModel):
    """`problem` says what is wrong although the service answers: an older bundle is served because a newer one was refused, a
    background task fails, or the like."""

    ready: bool = Field(True, description="Always true: a service that is not ready answers 503.")
    bundle: str | None = Field(description=_BUNDLE)
    problem: str | None = Field(description="What is wrong although the service answers; null if nothing is wrong.")


class Version(BaseModel):
    service: str = Field(description="The name of the service, for example `gateway`.")
    release: str = Field(description="The release of the code.")
    bundle: str | None = Field(description=_BUNDLE)


def problem_of(state: Readiness, background: Background) -> str | None:
    """All problems; None if there are none."""
    return "; ".join(problem for problem in (state.problem, background.problem) if problem) or None


def health_router(service: str, metrics: Metrics, readiness: Callable[[], Readiness], background: Background) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/livez", summary="Check that the process is alive")
    async def livez() -> Alive:
        return Alive()

    not_ready: dict[int | str, dict[str, Any]] = {
        503: {"model": ErrorBody, "description": "The service is not ready. The message says why."}
    }

    @router.get("/readyz", summary="Check that the service can answer: bundle checked, loaded and warm", responses=not_ready)
    async def readyz() -> Ready:
        state = readiness()
        if not state.ready:
            raise NotReady(f"the {service} is not ready: {state.problem}")
        return Ready(bundle=state.version, problem=problem_of(state, background))

    @router.get("/version", summary="Show the release and the bundle")
    async def version() -> Version:
        return Version(service=service, release=__version__, bundle=readiness().version)

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    # Monitors send HEAD; FastAPI, unlike Starlette, does not answer it on a GET route.
    for path, endpoint in (("/livez", livez), ("/readyz", readyz)):
        router.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
    return router
