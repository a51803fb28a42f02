"""A target that fails says why, leaves nothing that hinders the next `make run`, and deletes nothing else."""

import subprocess
from pathlib import Path

import pytest

from tests.unit.deploy.reading import ROOT


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def make(target: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "-C", str(ROOT), str(target), *variables], capture_output=True, text=True, timeout=60)


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    return tmp_path / "venv"


def test_a_half_made_environment_is_removed(tmp_path: Path, venv: Path) -> None:
    # As Debian's python3 without python3-venv: the folder and its interpreter are made, then pip cannot be.
    half = 'case "$*" in "-m venv"*) mkdir -p "$3/bin"; touch "$3/bin/python"; exit 1 ;; esac'
    python = program(tmp_path / "python3.11", half)
    for _ in range(2):
        made = make(venv / "bin" / "python", f"VENV={venv}", f"PYTHON={python}")
        assert made.returncode != 0
        assert "python3.11-venv" in made.stderr
        assert not (venv / "bin" / "python").exists(), "the next run would take it for a whole one"


def test_clean_refuses_a_path_with_blanks_and_deletes_nothing(tmp_path: Path) -> None:
    kept = program(tmp_path / "my" / "kept", "")
    made = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), "clean", f"VENV={tmp_path / 'my'} venv"],
        cwd=tmp_path,  # `clean` deletes `var` as well
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert made.returncode != 0
    assert f"expected VENV to be one path without blanks, found '{tmp_path}/my venv'" in made.stderr
    assert kept.exists()


def test_a_missing_openmp_runtime_is_named_with_its_remedy(venv: Path) -> None:
    loaded = 'echo "Traceback …" >&2; echo "OSError: libgomp.so.1: cannot open shared object file" >&2; exit 1'
    program(venv / "bin" / "python", loaded)
    program(venv / "bin" / "pip", "")
    made = make(venv / "installed", f"VENV={venv}")
    assert made.returncode != 0
    assert "OSError: libgomp.so.1" in made.stderr
    assert "Traceback" not in made.stderr
    assert "brew install libomp" in made.stderr
    assert "apt install libgomp1" in made.stderr
    assert not (venv / "installed").exists()
