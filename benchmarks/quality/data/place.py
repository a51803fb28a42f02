"""Finds the data sets."""

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.catalog import BenchmarkError

VARIABLE = "SHELFWISE_SHARED_DATA"


class DataMissing(BenchmarkError):
    """A data set is not on this machine; its tasks are skipped."""


class TooLittle(DataMissing):
    """A data set has too little data for a task, which is skipped."""


@dataclass(frozen=True, slots=True)
class DataPlace:
    """A folder with one folder for each data set, or nothing."""

    root: Path | None

    @classmethod
    def named(cls, option: Path | None) -> "DataPlace":
        """The folder given on the command line, else the one in SHELFWISE_SHARED_DATA."""
        told = os.environ.get(VARIABLE)
        return cls(option or (Path(told) if told else None))

    def file(self, dataset: str, name: str) -> Path:
        """The file `name` of a data set.

        Raises:
            DataMissing: no folder is named, or it lacks the file.
        """
        if self.root is None:
            raise DataMissing(f"expected the data set {dataset!r}, found no data folder; name it with --data or {VARIABLE}")
        path = self.root / dataset / name
        if not path.is_file():
            raise DataMissing(f"expected {dataset}/{name} in the data folder {self.root}, found no such file")
        return path
