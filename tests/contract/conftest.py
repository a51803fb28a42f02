"""Fixtures shared by several contract suites."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    """A browser, for tests marked `IN_A_BROWSER`, which are skipped where none is installed."""
    from tests.support.browser import BROWSER, playwright

    async with playwright.async_playwright() as driver:
        launched = await driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield launched
        await launched.close()
