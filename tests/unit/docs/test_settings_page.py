"""What is written twice is the same."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_settings_page_is_the_one_that_the_code_makes() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "settings_docs.py"))["page"]()
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert made == written, "run `python scripts/settings_docs.py docs/settings.md`"
