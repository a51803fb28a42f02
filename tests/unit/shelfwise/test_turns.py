"""Heavy work beside requests: short turns at the interpreter's lock, one process of a machine at a time."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shelfwise.turns import lock_file, one_at_a_time, short_turns

HOLD = """
import sys
from shelfwise.turns import one_at_a_time
with one_at_a_time():
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def other(temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the turn until its standard input ends."""
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "mine\n"
        yield process
        process.stdin.close()


def test_turns_are_short_until_the_last_work_is_done() -> None:
    usual = sys.getswitchinterval()
    with short_turns():
        with short_turns():
            assert sys.getswitchinterval() < usual / 5
        assert sys.getswitchinterval() < usual / 5
    assert sys.getswitchinterval() == usual


def test_a_process_waits_for_another_but_not_for_ever(other: subprocess.Popen[str]) -> None:
    began = time.monotonic()
    with one_at_a_time(longest_wait_s=0.3):
        assert 0.3 <= time.monotonic() - began < 3


def test_a_turn_ends_with_the_process_that_had_it(other: subprocess.Popen[str]) -> None:
    other.kill()
    other.wait()
    began = time.monotonic()
    with one_at_a_time(longest_wait_s=30):
        assert time.monotonic() - began < 5


def test_a_symlink_in_place_of_the_lock_file_is_not_followed_and_blocks_no_work(temporary: Path) -> None:
    lock_file().symlink_to(temporary / "elsewhere")
    with one_at_a_time():
        assert not (temporary / "elsewhere").exists()
