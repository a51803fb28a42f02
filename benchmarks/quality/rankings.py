"""Answers of the peers, kept from one run to the next."""

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
    """One file for each answer sheet; `digest` (of the task, the peers' code and their libraries) decides what still holds."""

    folder: Path

    def read(self, task: str, system: str, digest: str) -> list[Ranking] | None:
        """The answers, in the order of the questions; None if these were never given."""
        path = self._path(task, system, digest)
        if not path.is_file():
            return None
        rankings: list[Ranking] = orjson.loads(path.read_bytes())
        return rankings

    def write(self, task: str, system: str, digest: str, rankings: Sequence[Ranking]) -> None:
        """Keep the answers; those of an older digest are removed."""
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
    """What the answers of a peer depend on, its name aside."""
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
    """What tells this knowledge from any other."""
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
    """A file name that no other system has."""
    plain = "-".join("".join(letter if letter.isalnum() else " " for letter in system).split())
    return f"{plain}-{hashlib.blake2b(system.encode(), digest_size=3).hexdigest()}"
