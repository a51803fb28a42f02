"""The generated pages of the docs are up to date."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["settings", "commands"])
def test_the_committed_page_is_the_one_that_the_script_generates(name: str) -> None:
    made = runpy.run_path(str(ROOT / "scripts" / f"{name}_docs.py"))["page"]()
    written = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert made == written, f"run `python scripts/{name}_docs.py docs/{name}.md`"


def test_an_empty_default_is_an_empty_cell() -> None:
    page: str = runpy.run_path(str(ROOT / "scripts" / "settings_docs.py"))["page"]()
    assert "| `SHELFWISE_API_KEYS` |  |" in page, "two backticks without anything between them would be shown as they are"
