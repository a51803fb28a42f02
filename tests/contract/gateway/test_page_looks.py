"""What the page looks like in a real browser: odd products, narrow screens, contrast."""

from typing import Any

import pytest

from shelfwise_gateway.settings import GatewaySettings
from tests.support.browser import IN_A_BROWSER, page_of, playwright, running
from tests.unit.gateway.catalog import Fakes, product

pytestmark = IN_A_BROWSER

CUT_OFF = """[...document.querySelectorAll("main, main *:not(.hidden)")]
  .filter((element) => element.clientWidth && element.scrollWidth > element.clientWidth)
  .map((element) => element.id || element.className || element.tagName)"""

# The WCAG 2 contrast of an element's color, or its border's, with the nearest background behind it.
CONTRAST = """(element, [pseudo, property]) => {
  const canvas = document.createElement("canvas").getContext("2d");
  const luminance = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const value = byte / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  let ground = property === "color" ? element : element.parentElement;
  while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const found = [getComputedStyle(element, pseudo)[property], getComputedStyle(ground).backgroundColor].map(luminance);
  return (Math.max(...found) + 0.05) / (Math.min(...found) + 0.05);
}"""


async def test_a_drawn_picture_replaces_an_image_that_does_not_load(browser: Any) -> None:
    fakes = Fakes([product("1", "Nail paint"), product("2", "Nail file")])
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url) as page:
        fakes.retriever.products["1"]["image_url"] = f"{url}/none.png"
        await page.get_by_label("What is the shopper looking for?").fill("nail")
        await page.keyboard.press("Enter")
        pictures = page.locator(".picture")
        await playwright.expect(pictures).to_have_text(["N", "N"])
        await playwright.expect(page.locator(".picture img")).to_have_count(0)
        grounds = await pictures.evaluate_all("(all) => all.map((one) => getComputedStyle(one).backgroundImage)")
        assert grounds[0] == grounds[1] != "none"


async def test_the_drawn_picture_of_a_category_that_begins_with_an_emoji_shows_it_whole(browser: Any) -> None:
    fakes = Fakes([product("1", "Nail paint", category=["💅 Nails"])])
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        await playwright.expect(page.locator(".picture")).to_have_text("💅")


async def test_long_words_do_not_overflow_a_narrow_screen(browser: Any) -> None:
    long = "Abc" * 60
    fakes = Fakes([product("1", f"{long} nail", brand=long, category=[long, long], price=1.5)])
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url) as page:
        await page.set_viewport_size({"width": 320, "height": 800})
        await page.goto(f"{url}/?product_name=nail&scenario=search")
        await playwright.expect(page.get_by_role("listitem")).to_have_count(1)
        await playwright.expect(page.locator("#facts-text")).to_be_visible()
        assert await page.evaluate(CUT_OFF) == []
        assert await page.evaluate("document.documentElement.scrollWidth") == 320
        recommend = await page.get_by_role("button", name="Recommend").bounding_box()
        assert recommend is not None
        assert recommend["height"] < 60  # on one line


async def test_a_name_is_written_in_the_direction_of_its_language(browser: Any) -> None:
    fakes = Fakes([product("1", "طلاء nail (أحمر)!", brand="مخزن"), product("2", "Nail file")])
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        names = page.get_by_role("heading", level=2)
        await playwright.expect(names).to_have_count(2)
        assert await names.evaluate_all("(all) => all.map((one) => getComputedStyle(one).direction)") == ["rtl", "ltr"]


async def test_asking_from_the_last_card_scrolls_to_the_start_of_the_new_answer(browser: Any) -> None:
    fakes = Fakes([product(str(number), f"Nail paint no. {number}") for number in range(30)])
    async with running(fakes, GatewaySettings()) as url, page_of(browser, url, "/?product_name=nail") as page:
        await page.set_viewport_size({"width": 360, "height": 800})
        await page.get_by_role("button", name="More like").last.click()
        await playwright.expect(page.locator("#facts-text")).to_contain_text("scenario similar")
        await playwright.expect(page.get_by_role("status")).to_be_in_viewport()
        await playwright.expect(page.get_by_role("listitem").first).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_fields_hints_and_texts_have_enough_contrast(browser: Any, scheme: str) -> None:
    async with running(Fakes(), GatewaySettings()) as url, page_of(browser, url, "/?scenario=trending") as page:
        await page.emulate_media(color_scheme=scheme)
        await playwright.expect(page.get_by_role("listitem").first).to_be_visible()
        fields = await page.locator("input:visible, select:visible").all()
        assert len(fields) == 7
        for field in fields:
            assert await field.evaluate(CONTRAST, [None, "borderTopColor"]) >= 3
        for text in [*await page.locator("[placeholder]:visible").all()]:
            assert await text.evaluate(CONTRAST, ["::placeholder", "color"]) >= 4.5
        for text in await page.locator("main p:visible, h2, label, button, summary, a:visible").all():
            assert await text.evaluate(CONTRAST, [None, "color"]) >= 4.5
