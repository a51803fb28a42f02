"""What `shelfwise import` prints at its end, in a terminal of any width."""

import io
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from shelfwise_pipeline.cli.importing import show
from shelfwise_pipeline.importing.from_files import Imported
from shelfwise_pipeline.importing.report import ImportReport


def shown(width: int) -> str:
    report = ImportReport("events", read=50_000, accepted=49_000, mended=12, refused=1_000, inserted=49_000, seconds=12.3)
    report.found(
        "nobody",
        "user_id",
        "refused",
        "no shopper",
        pl.DataFrame({"line": [123_456], "value": ["2026-01-01 00:00:00"]}),
    )
    console = Console(file=io.StringIO(), width=width)
    show([Imported((Path("sales [2026-01].csv"),), report)], console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_in_a_narrow_terminal_the_counts_are_one_line() -> None:
    said = shown(80).splitlines()
    assert said[0] == "sales [2026-01].csv: 50,000 read, 49,000 kept, 12 mended, 1,000 refused, 49,000 new; 12.3 s"
    assert any("refused" in line and "no shopper" in line for line in said[1:])


@pytest.mark.parametrize("width", [80, 120])
def test_the_summary_is_not_cut_off_at_any_width(width: int) -> None:
    said = shown(width)
    assert "…" not in said
    assert all(word in said for word in ("sales [2026-01].csv", "50,000", "refused", "user_id", "123456"))


def test_in_a_wide_terminal_the_counts_are_a_table() -> None:
    assert "│ 50,000 │ 49,000 │" in shown(120)
