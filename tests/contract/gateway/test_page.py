"""The page in a real browser, served by the whole application on a real socket."""

import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from shelfwise.errors import NotReady
from shelfwise_gateway.settings import GatewaySettings
from tests.support.browser import IN_A_BROWSER, page_of, playwright, running
from tests.unit.gateway.catalog import Fakes, history, product

pytestmark = IN_A_BROWSER


async def test_a_search_lists_products_from_which_similar_ones_can_be_asked_for(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url) as page:
        await page.get_by_label("What is the shopper looking for?").fill("nail paints")
        await page.keyboard.press("Enter")
        cards = page.get_by_role("list", name="Recommended products").get_by_role("listitem")
        await playwright.expect(cards).to_have_count(4)
        await playwright.expect(cards.first).to_contain_text("Red nail paints")
        await playwright.expect(cards.first).to_contain_text("Beauty › Nails")
        await playwright.expect(cards.first).to_contain_text("€4.50")
        await playwright.expect(cards.first).to_contain_text("matches nail paints")
        await playwright.expect(page.get_by_role("status")).to_contain_text("4 products (2 of 6")
        await playwright.expect(page.locator("#facts-text")).to_have_text(re.compile(r"embed .* ms .* bundle fake-1"))
        assert page.url == f"{url}/?product_name=nail+paints"
        await cards.last.get_by_role("button", name=re.compile("More like")).click()
        await playwright.expect(page).to_have_url(re.compile(r"\?products=\d$"))
        await playwright.expect(page.locator("#facts-text")).to_contain_text("scenario similar")
        await cards.first.get_by_role("button", name=re.compile("Bought with")).click()
        await playwright.expect(page).to_have_url(re.compile(r"\?products=\d&scenario=bought-together"))
        await playwright.expect(page.locator("#facts-text")).to_contain_text("scenario bought-together")
        await page.go_back()
        await page.go_back()
        await playwright.expect(cards.first).to_contain_text("Red nail paints")


async def test_a_degraded_answer_and_an_error_are_shown(browser: Any) -> None:
    fakes = Fakes()
    fakes.ranker.fault = NotReady("loading")
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        await playwright.expect(page.locator("#degraded")).to_have_text(
            "in the retriever's order, since the ranker is unavailable"
        )
        fakes.retriever.fault = NotReady("the retriever is loading")
        await page.get_by_role("button", name="Recommend").click()
        await playwright.expect(page.locator("#degraded")).to_contain_text("trending products")
        await page.get_by_text("Ask about a product").click()
        await page.get_by_label("Category").fill("nowhere")
        await page.get_by_role("button", name="Recommend").click()
        await playwright.expect(page.get_by_role("status")).to_have_text("the retriever is loading")
        await playwright.expect(page.get_by_role("listitem")).to_have_count(0)


async def test_synonyms_also_searched_for_and_a_poor_match_are_shown(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "synonyms.yaml"
    file.write_text("- {from: [lacquer], to: [nail]}")
    fakes = Fakes()
    fakes.retriever.dense_by_chance, fakes.ranker.coverage = 1.5, 0.2
    async with running(fakes, GatewaySettings(synonyms=file)) as url, page_of(browser, url, "/?product_name=lacquer") as page:
        status = page.get_by_role("status")
        await playwright.expect(status).to_have_text(re.compile(r"products, also searched for “nail”.*; nothing fits well$"))


async def test_every_kind_of_question_can_be_asked(browser: Any) -> None:
    fakes = Fakes()
    fakes.ranker.histories = {"17": history(("7", 3, 1), ("6", 0, 2))}
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url) as page:
        cards = page.get_by_role("list", name="Recommended products").get_by_role("listitem")
        facts = page.locator("#facts-text")
        await page.get_by_text("Ask about a product").click()
        await page.get_by_label("Product ids").fill("1, 2")
        await page.keyboard.press("Enter")
        await playwright.expect(facts).to_contain_text("scenario bought-together")
        await page.get_by_label("Product ids").fill("")
        await page.get_by_label("Shopper", exact=True).fill("17")
        await page.keyboard.press("Enter")
        await playwright.expect(facts).to_contain_text("scenario for-you")
        await playwright.expect(cards.first).to_contain_text("Potato chips")
        await page.get_by_label("Scenario").select_option("recently-viewed")
        await playwright.expect(page.locator("#scenario-says")).to_have_text("What this shopper looked at, the latest first.")
        await page.get_by_role("button", name="Recommend").click()
        await playwright.expect(cards).to_have_count(2)
        await playwright.expect(cards.last).to_contain_text("you looked at it recently")
        assert page.url == f"{url}/?user_id=17&scenario=recently-viewed"
        await page.get_by_label("Shopper", exact=True).fill("")
        await page.get_by_role("button", name="Recommend").click()
        await playwright.expect(page.get_by_role("status")).to_contain_text("expected user_id or session_id, found neither")
        await page.get_by_label("Scenario").select_option("trending")
        await page.get_by_label("Category").fill("Food")
        await page.keyboard.press("Enter")
        await playwright.expect(cards).to_have_count(1)


async def test_a_text_replaces_the_products_of_the_question_and_vice_versa(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        facts, text = page.locator("#facts-text"), page.get_by_label("What is the shopper looking for?")
        await page.get_by_role("button", name=re.compile("Bought with")).first.click()
        await playwright.expect(facts).to_contain_text("scenario bought-together")
        await text.fill("nail file")
        await page.keyboard.press("Enter")
        await playwright.expect(page).to_have_url(f"{url}/?product_name=nail+file")
        await playwright.expect(facts).to_contain_text("scenario search")
        await page.get_by_label("Product ids").fill("1")
        await page.keyboard.press("Enter")
        await playwright.expect(page).to_have_url(f"{url}/?products=1")
        await playwright.expect(facts).to_contain_text("scenario similar")


async def test_a_product_id_may_contain_blanks_and_commas(browser: Any) -> None:
    fakes = Fakes([product("A 1, b", "Nail paint"), product("B 2", "Nail file"), product("17", "Nail polish")])
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url, "/?product_name=paint") as page:
        facts, ids = page.locator("#facts-text"), page.get_by_label("Product ids")
        await page.get_by_role("button", name=re.compile("More like")).click()
        await playwright.expect(page).to_have_url(f"{url}/?products=A+1%2C+b")
        await playwright.expect(facts).to_contain_text("scenario similar")
        assert fakes.retriever.asked[-1].seeds == ["A 1, b"]
        await page.goto(f"{url}/?products=A+1%2C+b&products=B+2")
        await playwright.expect(ids).to_have_value("A 1, b, B 2")
        await playwright.expect(facts).to_contain_text("scenario bought-together")
        assert fakes.retriever.asked[-1].seeds == ["A 1, b", "B 2"]
        await page.get_by_role("button", name="Recommend").click()
        await playwright.expect(page).to_have_url(f"{url}/?products=A+1%2C+b&products=B+2")
        await ids.fill("17, 4")
        await page.keyboard.press("Enter")
        await playwright.expect(page).to_have_url(f"{url}/?products=17&products=4")


async def test_a_chosen_scenario_stays_when_a_text_is_entered(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/?scenario=search") as page:
        await page.get_by_label("What is the shopper looking for?").fill("nail")
        await page.keyboard.press("Enter")
        await playwright.expect(page).to_have_url(f"{url}/?product_name=nail&scenario=search")


async def test_keyboard_focus_moves_to_the_results_of_a_button_on_a_card(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        await page.get_by_role("button", name=re.compile("More like")).first.focus()
        await page.keyboard.press("Enter")
        await playwright.expect(page.locator("#facts-text")).to_contain_text("scenario similar")
        await playwright.expect(page.get_by_role("list", name="Recommended products")).to_be_focused()
        await page.keyboard.press("Tab")
        await playwright.expect(page.get_by_role("button", name=re.compile("More like")).first).to_be_focused()


async def test_an_empty_question_a_bad_gateway_and_a_lost_service_are_explained(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url) as page:
        status, recommend = page.get_by_role("status"), page.get_by_role("button", name="Recommend")
        await recommend.click()
        await playwright.expect(status).to_contain_text("Enter what to look for")
        await page.get_by_label("What is the shopper looking for?").fill("nail")
        await page.route("**/recommend", lambda route: route.fulfill(status=502, body="<html>Bad Gateway</html>"))
        await recommend.click()
        await playwright.expect(status).to_contain_text("The answer (502) is not from Shelfwise")
        await page.unroute("**/recommend")
        await page.route("**/recommend", lambda route: route.abort())
        await recommend.click()
        await playwright.expect(status).to_contain_text("The service cannot be reached")
        await page.unroute("**/recommend")
        await recommend.click()
        await playwright.expect(status).to_contain_text("products")


async def test_choosing_another_count_asks_again(browser: Any) -> None:
    fakes = Fakes([product(str(number), f"Nail paint no. {number}") for number in range(30)])
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        await playwright.expect(page.get_by_role("listitem")).to_have_count(12)
        await page.get_by_label("How many").select_option("6")
        await playwright.expect(page.get_by_role("listitem")).to_have_count(6)
        await playwright.expect(page.get_by_role("heading", level=1)).to_have_text("Shelfwise")


async def test_the_pages_address_restores_the_whole_question(browser: Any) -> None:
    asked = "/?products=1&scenario=bought-together&user_id=17"
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, asked) as page:
        await playwright.expect(page.locator("#facts-text")).to_contain_text("scenario bought-together")
        await playwright.expect(page.get_by_label("Scenario")).to_have_value("bought-together")
        await playwright.expect(page.get_by_label("Shopper", exact=True)).to_have_value("17")


async def test_the_page_asks_for_an_api_key_if_one_is_required(browser: Any) -> None:
    settings = GatewaySettings(api_keys=SecretStr("secret"))
    async with running(Fakes(), settings) as url, page_of(browser, url, "/?product_name=nail") as page:
        products, scenario = page.get_by_role("listitem"), page.locator("option[value=trending]")
        await playwright.expect(page.get_by_role("status")).to_contain_text("ask the operator for an API key")
        await playwright.expect(products.or_(scenario)).to_have_count(0)
        await page.get_by_label("This shop requires an API key").fill("secret")
        await page.get_by_role("button", name="Recommend").click()
        await playwright.expect(products.first).to_be_visible()
        await playwright.expect(scenario).to_have_count(1)


async def test_the_page_asks_for_no_api_key_if_none_is_required(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        await playwright.expect(page.get_by_role("listitem").first).to_be_visible()
        await playwright.expect(page.get_by_label("This shop requires an API key")).to_be_hidden()


async def test_the_docs_page_shows_the_api_description(browser: Any) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/docs") as page:
        await playwright.expect(page.get_by_text("/recommend", exact=True)).to_be_visible()
