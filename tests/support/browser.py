"""The gateway's page in a real browser, served by the whole application on a real socket."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from shelfwise_gateway.app import create_app
from shelfwise_gateway.settings import GatewaySettings
from tests.unit.gateway.catalog import Fakes

playwright = pytest.importorskip("playwright.async_api", reason="the page is tested where playwright is installed")

BROWSER = shutil.which("chromium")
IN_A_BROWSER = [
    pytest.mark.skipif(BROWSER is None, reason="the page is tested where a chromium is installed"),
    pytest.mark.asyncio(loop_scope="module"),  # the loop of the module's browser
]


@asynccontextmanager
async def running(fakes: Fakes, settings: GatewaySettings) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(create_app(settings, fakes.connect), port=0, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def page_of(browser: Any, url: str, path: str = "/") -> AsyncIterator[Any]:
    """The page, opened in a new browser context; fails if it called another host or logged an error to the console."""
    complaints: list[str] = []
    async with await browser.new_context() as visit:
        page = await visit.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((url, "data:")) else complaints.append(asked.url))
        await page.goto(url + path)
        yield page
    # The browser logs error answers of the API, too, but those the page shows itself.
    assert [line for line in complaints if "Failed to load resource" not in line] == []
