"""Keeps the answers of the peers from one run to the next."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import orjson
import polars as pl

from benchmarks.quality.protocol import Known, Question, Ranking
from benchmarks.quality.task import Task

_CODE = Path(__file__).resolve().parent
_PACKAGES = ("bm25s", "implicit", "numpy", "polars", "pystemmer", "scikit-learn", "scipy", "sentence-transformers", "torch")


@dataclass(frozen=True, slots=True)
class RankingStore:
    """One file for each task and system. `digest` (of the task, the peers' code and libraries) tells whether it is valid."""

    folder: Path

    def read(self, task: str, system: str, digest: str) -> list[Ranking] | None:
        """The answers, in the order of the questions; None if none are stored."""
        path = self._path(task, system, digest)
        if not path.is_file():
            return None
        rankings: list[Ranking] = orjson.loads(path.read_bytes())
        return rankings

    def write(self, task: str, system: str, digest: str, rankings: Sequence[Ranking]) -> None:
        """Store the answers, and remove those of an older digest."""
        path = self._path(task, system, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{_name(system)}.*.json"):
            old.unlink()
        fresh = path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(rankings))
        fresh.replace(path)

    def _path(self, task: str, system: str, digest: str) -> Path:
        return self.folder / task / f"{_name(system)}.{digest}.json"


def digest_of(task: Task) -> str:
    """A digest of everything that a peer's answers depend on, except its name."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        digest.update(f"{package} {_version(package)}\n".encode())
    for source in sorted([*(_CODE / "peers").glob("*.py"), *(_CODE / "tasks").glob("*.py"), _CODE / "protocol.py"]):
        digest.update(source.read_bytes())
    digest.update(f"{task.depth}\n".encode())
    for part in known_bytes(task.known):
        digest.update(part)
    for question in task.questions:
        digest.update(_question(question))
    return digest.hexdigest()[:16]


def known_bytes(known: Known) -> Iterator[bytes]:
    """Bytes that identify this knowledge."""
    for frame in (known.products, known.events, known.judgements):
        yield _rows(frame)
    yield f"{known.moment} {known.labels_from} {known.validation_from}\n".encode()


def _rows(frame: pl.DataFrame) -> bytes:
    return str(frame.columns).encode() + frame.hash_rows(seed=1).to_numpy().tobytes()


def _question(one: Question) -> bytes:
    return orjson.dumps(
        [one.id, one.text, one.seeds, one.user, one.candidates, sorted(one.exclude), one.asked_at, str(one.filter)]
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _name(system: str) -> str:
    """A file name that is unique to the system."""
    plain = "-".join("".join(letter if letter.isalnum() else " " for letter in system).split())
    return f"{plain}-{hashlib.blake2b(system.encode(), digest_size=3).hexdigest()}"
