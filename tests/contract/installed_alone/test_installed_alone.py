"""Each service in an environment of its own, as in its image: complete, and without anything of the other services."""

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
    """What an installation must not contain, and how large it may be without its bytecode."""

    without: tuple[str, ...]
    at_most_mb: int


EXPECTED = {
    "gateway": Expected(without=("numpy", "polars", "faiss", "lightgbm", "onnxruntime", "torch"), at_most_mb=55),
    "embedder": Expected(without=("torch", "transformers", "faiss", "lightgbm"), at_most_mb=220),
    "retriever": Expected(without=("torch", "onnxruntime", "lightgbm"), at_most_mb=395),
    "ranker": Expected(without=("torch", "onnxruntime", "faiss", "tantivy"), at_most_mb=455),
}


CONSTRAINED = {"PIP_CONSTRAINT": "constraints.txt", "PIP_BUILD_CONSTRAINT": "constraints.txt"}
"""As in the images: for the installation and for what builds the packages, whatever pip's version."""

PIP = (sys.executable, "-I", "-m", "pip", "--quiet", "--disable-pip-version-check")
"""The pip of this environment, for all of them: installing one in each takes longer than installing most services."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    # pip starts the other environment's interpreter, which must not find modules of this one, either.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | CONSTRAINED
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=600, env=environment)


def succeed(*command: str | Path) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the packages, all built before any is installed, because a build writes into the source folders."""
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
    # Kept together, the environments would take a gigabyte.
    shutil.rmtree(folder)


def test_a_service_alone_can_be_imported_and_lacks_no_requirement(installed: tuple[str, Path]) -> None:
    service, python = installed
    # -I: modules must come neither from the working folder nor from PYTHONPATH.
    imported = run(python, "-I", "-c", f"import shelfwise_{service}.app, shelfwise_{service}.__main__")
    assert imported.returncode == 0, imported.stderr
    checked = run(*PIP, "--python", python, "check")
    assert checked.returncode == 0, checked.stdout


def test_packages_are_built_with_the_constrained_version_of_setuptools(installed: tuple[str, Path]) -> None:
    service, python = installed
    [version] = re.findall(r"^setuptools==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    described = [
        path.read_text("utf-8")
        for name in ("shelfwise", f"shelfwise_{service}")
        for path in python.parents[1].glob(f"lib/python*/site-packages/{name}-*.dist-info/WHEEL")
    ]
    assert len(described) == 2
    assert all(f"Generator: setuptools ({version})" in text for text in described)


def test_a_service_alone_installs_no_module_of_another_service(installed: tuple[str, Path]) -> None:
    service, python = installed
    others = [f"shelfwise_{other}" for other in EXPECTED if other != service]
    for module in (*EXPECTED[service].without, *others, "shelfwise_pipeline"):
        imported = run(python, "-I", "-c", f"import {module}")
        assert f"No module named '{module}'" in imported.stderr, f"{module} came along with the {service}"


def test_a_service_alone_stays_within_its_size_limit(installed: tuple[str, Path]) -> None:
    service, python = installed
    [packages] = python.parents[1].glob("lib/python*/site-packages")
    size = sum(file.stat().st_size for file in packages.rglob("*") if file.is_file() and file.parent.name != "__pycache__")
    assert size <= EXPECTED[service].at_most_mb * MB, f"the {service} takes {size / MB:.0f} MB"
