"""The page's address in a real browser: it holds the whole question, and Back goes from question to question."""

from typing import Any

from shelfwise_gateway.settings import GatewaySettings
from tests.support.browser import IN_A_BROWSER, page_of, playwright, running
from tests.unit.gateway.catalog import Fakes, product

pytestmark = IN_A_BROWSER


def _many() -> Fakes:
    return Fakes([product(str(number), f"Nail paint no. {number}") for number in range(30)])


async def test_the_skip_link_to_the_results_keeps_the_typed_text_and_asks_nothing(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        asked: list[str] = []
        text = page.get_by_label("What is the shopper looking for?")
        await playwright.expect(page.get_by_role("listitem")).to_have_count(4)
        page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
        await text.fill("potato")
        await page.get_by_role("link", name="Skip to the results").focus()
        await page.keyboard.press("Enter")
        await playwright.expect(page.get_by_role("list", name="Recommended products")).to_be_focused()
        await playwright.expect(page).to_have_url(f"{url}/?product_name=nail#results")
        await page.wait_for_function("new Promise((done) => setTimeout(done, 100, true))")  # its event comes after the change
        await playwright.expect(text).to_have_value("potato")
        assert asked == []


async def test_repeating_a_question_adds_no_entry_to_the_browsers_history(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url) as page:
        await page.get_by_label("What is the shopper looking for?").fill("nail")
        for _ in range(3):
            async with page.expect_response("**/recommend"):
                await page.get_by_role("button", name="Recommend").click()
        await page.go_back()
        await playwright.expect(page).to_have_url(f"{url}/")
        await playwright.expect(page.get_by_role("listitem")).to_have_count(0)


async def test_the_number_of_products_is_part_of_the_pages_address(browser: Any) -> None:
    async with running(_many(), GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        count, items = page.get_by_label("How many"), page.get_by_role("listitem")
        await playwright.expect(items).to_have_count(12)
        await count.select_option("24")
        await playwright.expect(page).to_have_url(f"{url}/?product_name=nail&top_k=24")
        await playwright.expect(items).to_have_count(24)
        await page.reload()
        await playwright.expect(count).to_have_value("24")
        await playwright.expect(items).to_have_count(24)
        await page.go_back()
        await playwright.expect(page).to_have_url(f"{url}/?product_name=nail")
        await playwright.expect(items).to_have_count(12)
        await page.goto(f"{url}/?product_name=nail&top_k=5")
        await playwright.expect(items).to_have_count(5)
        await playwright.expect(page.get_by_text("Ask about a product")).to_be_visible()
        await playwright.expect(page.get_by_label("Product ids")).to_be_hidden()
