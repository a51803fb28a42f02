"""Routes without detours, for the paths that determine the throughput."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shelfwise.app.error_handlers import error_response
from shelfwise.errors import ShelfwiseError

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class DirectRoute(APIRoute):
    """Documented like any other route, but its endpoint takes the request and returns the response: no parameters are resolved.

    `Service` calls it without the layers in between, which cost more than everything that the endpoint does in Python.
    """

    def get_route_handler(self) -> Endpoint:
        endpoint: Endpoint = self.endpoint
        return endpoint


class Service(FastAPI):
    """An application whose direct routes are answered before any layer of the framework sees the request."""

    direct: Mapping[tuple[str, str], ASGIApp] = {}
    """By method and path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = self.direct.get((scope.get("method", ""), scope.get("path", "")))
        if answering is None:
            await super().__call__(scope, receive, send)
        else:
            scope["app"] = self
            await answering(scope, receive, send)


def direct_apps(routers: Iterable[APIRouter]) -> dict[tuple[str, str], ASGIApp]:
    """The ASGI application of each direct route, by method and path."""
    return {
        (method, route.path): _answering(route.endpoint)
        for router in routers
        for route in router.routes
        if isinstance(route, DirectRoute)
        for method in route.methods or ()
    }


def _answering(endpoint: Endpoint) -> ASGIApp:
    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route_path"] = scope["path"]
        try:
            response = await endpoint(Request(scope, receive))
        except ShelfwiseError as error:
            response = error_response(error)
        await response(scope, receive, send)

    return answering
