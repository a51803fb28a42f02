"""The pages for people: the shop window at `/` and the API's description at `/docs`. Both work without any other host."""

from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from starlette.staticfiles import StaticFiles

_COMMON = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_POLICY = f"{_COMMON}; style-src 'self'; img-src 'self' data: https: http:"
"""Products' images are the shop's and may lie on any host; nothing else comes from outside."""

DOCS_POLICY = f"{_COMMON}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
"""Swagger UI sets styles on its elements."""

_READ = ["GET", "HEAD"]

_DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shelfwise API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/static/icon.svg">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. The same description is in /openapi.json.</noscript>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/static/docs.js"></script>
</body>
</html>
"""


class _Files(StaticFiles):
    """Asked for anew each time, as the pages are: a browser would go on with scripts from before an update otherwise."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers["cache-control"] = "no-cache"
        return response


def install(app: FastAPI) -> None:
    """Adds the pages and their files to the application."""
    web = _folder("shelfwise_gateway", "web")
    page = (web / "index.html").read_text(encoding="utf-8")
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=_READ)
    async def shop_window() -> Response:
        return _html(page, PAGE_POLICY)

    @router.api_route("/docs", methods=_READ)
    async def docs() -> Response:
        return _html(_DOCS_PAGE, DOCS_POLICY)

    app.include_router(router)
    app.mount("/static", _Files(directory=web))
    app.mount("/docs/assets", _Files(directory=_folder("fastapi_offline", "static")))


def _folder(package: str, name: str) -> Path:
    return Path(str(resources.files(package))) / name


def _html(text: str, policy: str) -> Response:
    headers = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
    }
    return Response(text, media_type="text/html", headers=headers)
