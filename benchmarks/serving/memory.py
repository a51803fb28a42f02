"""Measures the memory of a process as exactly as the operating system allows."""

from typing import Any, Literal

import psutil

Measure = Literal["pss", "uss"]
MEANING: dict[Measure, str] = {"pss": "pages they share counted once", "uss": "pages they share left out"}


def measure_of(told: Any) -> Measure:
    """The better measure in `told` (psutil's memory_full_info): pss on Linux, which has both; uss on macOS."""
    return "pss" if hasattr(told, "pss") else "uss"


def memory_bytes(process: psutil.Process) -> int:
    """The process's memory in bytes, by the measure that `measure_of` returns."""
    told = process.memory_full_info()
    return int(getattr(told, measure_of(told)))


def measure_here() -> Measure:
    """The measure that `memory_bytes` uses on this machine."""
    return measure_of(psutil.Process().memory_full_info())
