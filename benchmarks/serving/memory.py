"""How much memory a process takes, as well as its system can tell."""

from typing import Any, Literal

import psutil

Measure = Literal["pss", "uss"]
MEANING: dict[Measure, str] = {"pss": "pages they share counted once", "uss": "pages they share left out"}


def measure_of(told: Any) -> Measure:
    """The better of the two that `told` (psutil's memory_full_info) holds: Linux knows both, macOS the second."""
    return "pss" if hasattr(told, "pss") else "uss"


def memory_bytes(process: psutil.Process) -> int:
    """Which bytes are counted, `measure_of` says."""
    told = process.memory_full_info()
    return int(getattr(told, measure_of(told)))


def measure_here() -> Measure:
    """What `memory_bytes` counts on this machine."""
    return measure_of(psutil.Process().memory_full_info())
