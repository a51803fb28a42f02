"""The page of an evaluation report in a real browser."""

from pathlib import Path
from typing import Any

from shelfwise_pipeline.evaluation.bootstrap import Interval
from shelfwise_pipeline.evaluation.report.page import Page, Verdict, write_page
from shelfwise_pipeline.evaluation.report.section import Section
from shelfwise_pipeline.evaluation.rows import Row
from tests.support.browser import IN_A_BROWSER, playwright

pytestmark = IN_A_BROWSER

PAPER = {"width": 718, "height": 1046}
"""A4 less a browser's print margins, in px."""


def _section(name: str) -> Section:
    systems = ("shelfwise", "ranker, not told who asks", *(f"{source} only" for source in "abcdefghij"))
    rows = [Row(name, system, "ndcg@10", 0.4, 0.3, 0.5, 400, Interval(0.1, 0.1, 0.2)) for system in systems]
    return Section(name, f"A {name}", "Right is what was bought.", rows)


async def test_in_print_a_chart_stands_beside_its_table_and_neither_breaks_across_pages(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    write_page(file, Page("How good.", [_section("text"), _section("cart"), _section("user")], "shelfwise evaluate"))
    async with await browser.new_context(viewport=PAPER) as visit:
        page = await visit.new_page()
        await page.goto(file.as_uri())
        await page.emulate_media(media="print")
        for pair in await page.locator(".pair").all():
            chart, table = await pair.locator("svg").bounding_box(), await pair.locator("table").bounding_box()
            assert chart["x"] + chart["width"] <= table["x"]
            assert chart["width"] >= 240  # wide enough for its labels to be legible
            assert table["x"] + table["width"] <= PAPER["width"]
            assert await pair.evaluate("(one) => getComputedStyle(one).breakInside") == "avoid"
            heading = pair.locator("xpath=preceding-sibling::h3[1]")
            assert await heading.evaluate("(one) => getComputedStyle(one).breakAfter") == "avoid"
        assert await page.evaluate("document.documentElement.scrollWidth") == PAPER["width"]


async def test_on_a_phone_wide_tables_can_be_scrolled_with_the_keyboard(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    verdict = Verdict("fast", "8 ms", "9 ms", False)
    write_page(file, Page("How good.", [_section("text")], "shelfwise evaluate", verdicts=[verdict]))
    async with await browser.new_context(viewport={"width": 320, "height": 800}) as visit:
        page = await visit.new_page()
        await page.goto(file.as_uri())
        await playwright.expect(page.get_by_role("region", name="Goals")).to_have_attribute("tabindex", "0")
        figures = page.get_by_role("region", name="A text: ndcg@10, figures")
        await page.get_by_role("link", name="A text").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await playwright.expect(figures).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await page.wait_for_function("(one) => one.scrollLeft > 0", arg=await figures.element_handle())
