"""Each service in an environment of its own, as its image has it: complete, and with nothing of the others."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MB = 1_000_000


@dataclass(frozen=True)
class Expected:
    """What an installation must not carry, and how large it may be, its bytecode left out."""

    without: tuple[str, ...]
    at_most_mb: int


EXPECTED = {
    "gateway": Expected(without=("numpy", "polars", "faiss", "lightgbm", "onnxruntime", "torch"), at_most_mb=55),
    "embedder": Expected(without=("torch", "transformers", "faiss", "lightgbm"), at_most_mb=220),
    "retriever": Expected(without=("torch", "onnxruntime", "lightgbm"), at_most_mb=395),
    "ranker": Expected(without=("torch", "onnxruntime", "faiss", "tantivy"), at_most_mb=455),
}


CONSTRAINED = {"PIP_CONSTRAINT": "constraints.txt", "PIP_BUILD_CONSTRAINT": "constraints.txt"}
"""As the images have it: for the installation and for what builds the packages, whatever pip's version."""

PIP = (sys.executable, "-I", "-m", "pip", "--quiet", "--disable-pip-version-check")
"""This environment's, for all of them: one of its own takes longer to install than most services."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    # pip starts the other environment's interpreter, which must not find a module of ours, either.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | CONSTRAINED
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=600, env=environment)


def succeed(*command: str | Path) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the packages, built before any is installed: whoever builds writes into the sources' folders."""
    folder = tmp_path_factory.mktemp("wheels")
    sources = ("./libs/shelfwise", *(f"./services/{service}" for service in EXPECTED))
    succeed(*PIP, "wheel", "--no-deps", "--wheel-dir", folder, *sources)
    return folder


@pytest.fixture(scope="module", params=EXPECTED)
def installed(
    request: pytest.FixtureRequest, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """A service's name and the interpreter of an environment that holds the library and this service only."""
    service: str = request.param
    folder = tmp_path_factory.mktemp(service)
    python = folder / "bin" / "python"
    succeed(sys.executable, "-m", "venv", "--without-pip", folder)
    # The library in the same command: otherwise pip asks the index for its name.
    own = [next(wheels.glob(f"{name}-*.whl")) for name in ("shelfwise", f"shelfwise_{service}")]
    succeed(*PIP, "--python", python, "install", "--no-compile", *own)
    yield service, python
    # Together they would take a gigabyte.
    shutil.rmtree(folder)


def test_it_is_complete(installed: tuple[str, Path]) -> None:
    service, python = installed
    # -I: neither the working folder nor PYTHONPATH may lend it a module.
    imported = run(python, "-I", "-c", f"import shelfwise_{service}.app, shelfwise_{service}.__main__")
    assert imported.returncode == 0, imported.stderr
    checked = run(*PIP, "--python", python, "check")
    assert checked.returncode == 0, checked.stdout


def test_what_built_it_has_its_version(installed: tuple[str, Path]) -> None:
    service, python = installed
    [version] = re.findall(r"^setuptools==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    described = [
        path.read_text("utf-8")
        for name in ("shelfwise", f"shelfwise_{service}")
        for path in python.parents[1].glob(f"lib/python*/site-packages/{name}-*.dist-info/WHEEL")
    ]
    assert len(described) == 2
    assert all(f"Generator: setuptools ({version})" in text for text in described)


def test_it_carries_nothing_of_the_others(installed: tuple[str, Path]) -> None:
    service, python = installed
    others = [f"shelfwise_{other}" for other in EXPECTED if other != service]
    for module in (*EXPECTED[service].without, *others, "shelfwise_pipeline"):
        imported = run(python, "-I", "-c", f"import {module}")
        assert f"No module named '{module}'" in imported.stderr, f"{module} came along with the {service}"


def test_it_stays_small(installed: tuple[str, Path]) -> None:
    service, python = installed
    [packages] = python.parents[1].glob("lib/python*/site-packages")
    size = sum(file.stat().st_size for file in packages.rglob("*") if file.is_file() and file.parent.name != "__pycache__")
    assert size <= EXPECTED[service].at_most_mb * MB, f"the {service} takes {size / MB:.0f} MB"
