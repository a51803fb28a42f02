"""Each service in an environment of its own, as its image has it: complete, and with nothing of the others."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MB = 1_000_000


@dataclass(frozen=True)
class Expected:
    """What an installation must not carry, and how large it may be."""

    without: tuple[str, ...]
    at_most_mb: int


EXPECTED = {
    "gateway": Expected(without=("numpy", "polars", "faiss", "lightgbm", "onnxruntime", "torch"), at_most_mb=65),
    "embedder": Expected(without=("torch", "transformers", "faiss", "lightgbm"), at_most_mb=260),
    "retriever": Expected(without=("torch", "onnxruntime", "lightgbm"), at_most_mb=430),
    "ranker": Expected(without=("torch", "onnxruntime", "faiss", "tantivy"), at_most_mb=520),
}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=600)


@pytest.fixture(scope="module", params=EXPECTED)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A service's name and the interpreter of an environment that holds the library and this service only."""
    service: str = request.param
    venv = tmp_path_factory.mktemp(service) / "venv"
    made = run(sys.executable, "-m", "venv", venv)
    assert made.returncode == 0, made.stderr
    python = venv / "bin" / "python"
    # The library in the same command: otherwise pip asks the index for its name.
    arguments = ("--quiet", "--disable-pip-version-check", "--constraint", "constraints.txt")
    installing = run(python, "-m", "pip", "install", *arguments, "./libs/shelfwise", f"./services/{service}")
    assert installing.returncode == 0, installing.stderr
    return service, python


def test_it_is_complete(installed: tuple[str, Path]) -> None:
    service, python = installed
    # -I: neither the working folder nor PYTHONPATH may lend it a module.
    imported = run(python, "-I", "-c", f"import shelfwise_{service}.app, shelfwise_{service}.__main__")
    assert imported.returncode == 0, imported.stderr
    checked = run(python, "-m", "pip", "check")
    assert checked.returncode == 0, checked.stdout


def test_it_carries_nothing_of_the_others(installed: tuple[str, Path]) -> None:
    service, python = installed
    others = [f"shelfwise_{other}" for other in EXPECTED if other != service]
    for module in (*EXPECTED[service].without, *others, "shelfwise_pipeline"):
        imported = run(python, "-I", "-c", f"import {module}")
        assert f"No module named '{module}'" in imported.stderr, f"{module} came along with the {service}"


def test_it_stays_small(installed: tuple[str, Path]) -> None:
    service, python = installed
    tools = ("pip", "setuptools")
    [packages] = python.parents[1].glob("lib/python*/site-packages")
    size = sum(
        file.stat().st_size
        for package in packages.iterdir()
        if not package.name.startswith(tools)
        for file in ([package] if package.is_file() else package.rglob("*"))
        if file.is_file()
    )
    assert size <= EXPECTED[service].at_most_mb * MB, f"the {service} takes {size / MB:.0f} MB"
