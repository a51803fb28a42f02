"""One error body everywhere, wherever the error was found."""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shelfwise.context import request_id
from shelfwise.contracts.errors import ErrorBody, ErrorDetail
from shelfwise.errors import InvalidRequest, MethodNotAllowed, NotFound, ShelfwiseError
from shelfwise.validation import sentence


def error_body(error: ShelfwiseError) -> bytes:
    """`{"error": {"code", "message", "request_id"}}`."""
    body = ErrorBody(error=ErrorDetail(code=error.code, message=error.message, request_id=request_id.get()))
    return body.model_dump_json().encode()


def error_response(error: ShelfwiseError) -> Response:
    """The error's body with its status and headers."""
    return Response(error_body(error), error.status, headers=error.headers, media_type="application/json")


def install(app: FastAPI, routers: Iterable[APIRouter] = ()) -> None:
    """Give every exception that can leave a route the same form. `routers`: those of `app`; they define the allowed methods."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]

    @app.exception_handler(ShelfwiseError)
    async def _ours(request: Request, error: ShelfwiseError) -> Response:
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    async def _parameters(request: Request, error: RequestValidationError) -> Response:
        return error_response(InvalidRequest("; ".join(sentence(problem) for problem in error.errors()[:5])))

    @app.exception_handler(HTTPException)
    async def _routing(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            refused = error_response(MethodNotAllowed(f"{request.method} is not possible on {request.url.path}; see /docs"))
            fitting = (route for route in routes if route.path_regex.match(request.scope["path"]))
            methods = {method for route in fitting for method in route.methods or ()}
            # The framework names the methods of one route alone, and a product has four.
            refused.headers.update({"allow": ", ".join(sorted(methods))} if methods else error.headers or {})
            return refused
        return error_response(NotFound(f"there is nothing at {request.url.path}; see /docs"))
