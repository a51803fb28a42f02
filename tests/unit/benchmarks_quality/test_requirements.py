"""Peers are pinned where they are measured, and the product carries none of them."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ONLY_MEASURED = {"implicit", "bm25s", "ir-measures"}
PEERS = {*ONLY_MEASURED, "sentence-transformers", "scikit-learn"}


def _name(requirement: str) -> str:
    return re.split(r"[\s\[=<>!~;]", requirement.strip(), maxsplit=1)[0].lower().replace("_", "-")


def test_every_peer_has_one_exact_version() -> None:
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text().splitlines()
    required = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.]+", line) for line in required), required
    assert {_name(line) for line in required} >= PEERS


def test_no_distribution_of_the_product_requires_a_peer() -> None:
    found = [
        *(ROOT / "services").glob("*/pyproject.toml"),
        *(ROOT / "libs").glob("*/pyproject.toml"),
        ROOT / "pipeline" / "pyproject.toml",
    ]
    assert len(found) >= 4
    for path in found:
        project = tomllib.loads(path.read_text())["project"]
        asked = [
            *project.get("dependencies", []),
            *(one for extra in project.get("optional-dependencies", {}).values() for one in extra),
        ]
        assert not {_name(one) for one in asked} & ONLY_MEASURED, path
