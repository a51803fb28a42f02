"""Freed memory goes back to the system."""

import ctypes
import os
import platform
from pathlib import Path

import pytest

from shelfwise import memory


def _resident() -> int:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps it")
def test_free_memory_between_live_objects_is_given_back() -> None:
    blocks = [bytes(20_000) for _ in range(5_000)]
    kept = blocks[::100]
    full = _resident()
    del blocks
    memory.give_back()
    assert _resident() < full - 80_000_000
    assert len(kept) == 50


@pytest.mark.parametrize("error", [None, OSError(), TypeError()], ids=repr)
def test_give_back_does_nothing_without_malloc_trim(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> None:
    opened = []

    def library(name: str | None) -> object:
        opened.append(name)
        if error is not None:
            raise error
        return object()

    monkeypatch.setattr(ctypes, "CDLL", library)
    memory.give_back()
    assert opened == [None], "the process itself was asked for it"
