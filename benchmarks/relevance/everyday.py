"""Everyday queries in a supermarket, and the categories that answer them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("everyday_queries.yaml")


@dataclass(frozen=True, slots=True)
class EverydayQuery:
    """`accept` and `but` are patterns of category names, in lower case."""

    section: str
    text: str
    accept: tuple[str, ...]
    but: tuple[str, ...]

    def answered_by(self, category: Sequence[str]) -> bool:
        """Whether a product with this category path, broad to narrow, is an acceptable answer."""
        names = [name.lower() for name in category]
        if not names or any(fnmatchcase(names[-1], pattern) for pattern in self.but):
            return False
        return any(fnmatchcase(name, pattern) for name in names for pattern in self.accept)

    def share(self, categories: Sequence[Sequence[str]]) -> float:
        """The share of acceptable products among those shown; 0 if none is shown."""
        return sum(map(self.answered_by, categories)) / len(categories) if categories else 0.0


def read_queries(path: Path = FILE) -> list[EverydayQuery]:
    """All queries of the file, in its order."""
    return [
        EverydayQuery(section, str(entry["query"]), _lower(entry["accept"]), _lower(entry.get("but", ())))
        for section, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for entry in entries
    ]


def _lower(patterns: Sequence[str]) -> tuple[str, ...]:
    return tuple(pattern.lower() for pattern in patterns)
