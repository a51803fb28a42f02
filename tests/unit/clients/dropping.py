"""A real server on the loopback whose answers a test writes, connection faults included."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Server:
    """Runs `handler` for every request; `requests` are those that came."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[web.BaseRequest] = []
        self.bodies: list[bytes] = []
        self.url = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        self.bodies.append(await request.read())
        return await self.handler(request)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Server]:
    server = Server(handler)
    runner = web.ServerRunner(web.Server(server.handle), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    return json({"path": request.path, "length": len(await request.read())})


async def drop(request: web.BaseRequest) -> web.StreamResponse:
    """Ends the connection before a byte of an answer."""
    assert request.transport is not None
    request.transport.close()
    await asyncio.sleep(0)
    return web.Response()


async def break_off(request: web.BaseRequest) -> web.StreamResponse:
    """Ends the connection in the middle of an answer."""
    response = web.StreamResponse(headers={"content-length": "100"})
    await response.prepare(request)
    await response.write(b'{"half":')
    assert request.transport is not None
    request.transport.close()
    await asyncio.sleep(0)
    return response


def first(times: int, then: Handler, otherwise: Handler) -> Handler:
    """`then` for the first `times` requests, `otherwise` afterwards."""
    left = times

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal left
        left -= 1
        return await (then if left >= 0 else otherwise)(request)

    return handler


def json(answer: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(answer), status=status, content_type="application/json")


def error(status: int, code: str, message: str = "no", retry_after: str | None = None) -> Handler:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        answer = json({"error": {"code": code, "message": message, "request_id": "r"}}, status)
        if retry_after is not None:
            answer.headers["Retry-After"] = retry_after
        return answer

    return handler
