"""Memory is measured on every system that the README names, and the report says how."""

from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from rich.console import Console

from benchmarks.serving.memory import Measure, measure_here, memory_bytes
from benchmarks.serving.report import show


class _Process(psutil.Process):
    """This process, with another system's figures."""

    def __init__(self, told: Any) -> None:
        super().__init__()
        self._told = told

    def memory_full_info(self) -> Any:
        return self._told


def test_pss_is_counted_where_the_system_reports_it() -> None:
    told = SimpleNamespace(rss=9, uss=2, pss=5)
    assert memory_bytes(_Process(told)) == 5


def test_uss_is_counted_where_the_system_reports_no_pss() -> None:
    told = SimpleNamespace(rss=9, uss=2)  # macOS
    assert memory_bytes(_Process(told)) == 2


def test_memory_can_be_measured_on_this_system() -> None:
    assert memory_bytes(psutil.Process()) > 1e6
    assert measure_here() in ("pss", "uss")


@pytest.mark.parametrize(("counted", "meaning"), [("pss", "counted once"), ("uss", "left out")])
def test_the_report_says_how_memory_was_counted(counted: Measure, meaning: str) -> None:
    console = Console(record=True, width=120)
    show(console, [], [], {"shelfwise": 900.0}, counted)
    assert f"memory ({counted}, pages they share {meaning}): shelfwise 900 MB" in console.export_text()
