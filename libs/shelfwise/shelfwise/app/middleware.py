"""What surrounds every request: its id, its time, its log line, and a last handler for exceptions."""

import logging
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shelfwise.app.error_handlers import error_response
from shelfwise.app.metrics import Metrics
from shelfwise.context import REQUEST_ID_HEADER, accepted_request_id, request_id
from shelfwise.errors import Internal

_access = logging.getLogger("shelfwise.access")
_log = logging.getLogger("shelfwise.app")
_ID = REQUEST_ID_HEADER.encode()
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})


class RequestMiddleware:
    """The outermost layer of this library; pure ASGI, so it costs microseconds and sees every response."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == _ID), None)
        current = accepted_request_id(given)
        token = request_id.set(current)
        status = 0
        started_at = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (_ID, current.encode())]}
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            _log.debug("the caller went away", extra={"path": _path_of(scope)})
        except Exception:
            # The log has the traceback; the caller has the id to ask for it.
            _log.exception("unhandled error", extra={"path": _path_of(scope)})
            if status:  # the response has begun: only the connection can be broken off
                raise
            defect = Internal("an unexpected error; search the service's log for this request_id")
            await error_response(defect)(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started_at
            self._metrics.in_flight.dec()
            # 499: the caller went away before there was an answer.
            self._metrics.observe(scope["method"], _route_of(scope), status or 499, seconds)
            if scope["path"] not in _QUIET:
                facts = {"method": scope["method"], "path": _path_of(scope), "status": status or 499}
                if "answer_id" in scope:  # the id that the services behind this one were asked with
                    facts["answer_id"] = scope["answer_id"]
                _access.info("request", extra={**facts, "ms": round(seconds * 1000, 2)})
            request_id.reset(token)


def _path_of(scope: Scope) -> str:
    """The requested path, unless it has a shopper's id: a log would keep the id of the very shopper who is to be forgotten."""
    return _route_of(scope) if "user_id" in scope.get("path_params", ()) else str(scope["path"])


def _route_of(scope: Scope) -> str:
    """The route's template, so that ids in paths do not become labels of their own."""
    route = scope.get("route")
    return str(route.path) if route is not None else str(scope.get("route_path", "unmatched"))
