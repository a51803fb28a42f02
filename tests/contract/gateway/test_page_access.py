"""The page in a real browser with a screen reader, voice control, no JavaScript or no storage; and the entry of a key."""

import re
from typing import Any

import pytest
from pydantic import SecretStr

from shelfwise.errors import NotReady
from shelfwise_gateway.settings import GatewaySettings
from tests.support.browser import IN_A_BROWSER, page_of, playwright, running
from tests.unit.gateway.catalog import Fakes

pytestmark = IN_A_BROWSER


async def test_a_buttons_accessible_name_begins_with_its_visible_text(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        buttons = page.get_by_role("listitem").first.get_by_role("button")
        await playwright.expect(buttons).to_have_count(2)
        for button in await buttons.all():
            await playwright.expect(button).to_have_accessible_name(
                re.compile(f"^{await button.inner_text()}: Red nail paints$")
            )


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_without_javascript_a_page_links_to_the_api_description(browser: Any, path: str) -> None:
    async with running(Fakes(), GatewaySettings()) as url, await browser.new_context(java_script_enabled=False) as visit:
        page = await visit.new_page()
        await page.goto(url + path)
        seen = await page.locator("body").inner_text()
        assert "needs JavaScript" in seen
        assert "/openapi.json" in seen


async def test_the_status_announces_a_degraded_answer(browser: Any) -> None:
    fakes = Fakes()
    fakes.ranker.fault = NotReady("loading")
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        heard = page.get_by_role("status")
        await playwright.expect(heard).to_contain_text("since the ranker is unavailable")
        fakes.ranker.fault = None
        await page.get_by_role("button", name="Recommend").click()
        await playwright.expect(heard).to_have_text(re.compile(r"^4 products[^;]*$"))


async def test_a_key_that_cannot_be_in_a_header_is_rejected_by_the_page(browser: Any) -> None:
    settings = GatewaySettings(api_keys=SecretStr("secret"))
    async with running(Fakes(), settings) as url, page_of(browser, url, "/?product_name=nail") as page:
        key, status = page.get_by_label("This shop requires an API key"), page.get_by_role("status")
        await key.fill("ключ")
        await page.keyboard.press("Enter")
        assert await key.evaluate("(field) => field.validity.patternMismatch")
        await playwright.expect(status).to_contain_text("ask the operator for an API key")
        await key.fill("secret")
        await page.keyboard.press("Enter")
        await playwright.expect(status).to_contain_text("products")


async def test_the_page_works_in_a_browser_without_session_storage(browser: Any) -> None:
    refused = (
        """Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("denied", "SecurityError"); } })"""
    )
    settings = GatewaySettings(api_keys=SecretStr("secret"))
    async with running(Fakes(), settings) as url, page_of(browser, url) as page:
        await page.add_init_script(refused)
        await page.goto(f"{url}/?product_name=nail")
        await page.get_by_label("This shop requires an API key").fill("secret")
        await page.keyboard.press("Enter")
        await playwright.expect(page.get_by_role("status")).to_contain_text("products")
