"""`--report`: what an import found, as JSON, written row by row, since there may be more findings than memory holds."""

import json
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from shelfwise_pipeline.importing.errors import ImportStopped


class ReportFile:
    """A context. The rows wait beside the file until `finish` writes it; left without `finish`, nothing remains."""

    def __init__(self, path: Path) -> None:
        """Raises ImportStopped where no file can be written: better before the import than after it."""
        self._path = path
        if path.is_dir() or (path.exists() and not os.access(path, os.W_OK)):
            what = "a folder" if path.is_dir() else "one that may not be written"
            raise ImportStopped(f"expected a file that a report can be written to, found {what}: {str(path)!r}")
        try:
            self._rows = tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent)  # noqa: SIM115 - closed by the context
        except OSError as error:
            raise ImportStopped(
                f"expected a folder that a report can be written to at {str(path.parent)!r}, found: {error}"
            ) from error
        self._separator = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._rows.close()

    def add(self, findings: pl.DataFrame) -> None:
        """One object for each row of `findings`."""
        for row in findings.iter_rows(named=True):
            self._rows.write(f"{self._separator}\n  {json.dumps(row, ensure_ascii=False, default=str)}")
            self._separator = ","

    def finish(self, summary: dict[str, Any]) -> None:
        """Write `summary`, which is not empty, with the rows added so far under `rows`."""
        before, _, _ = json.dumps(summary, ensure_ascii=False, indent=1, default=str).rpartition("\n}")
        self._rows.seek(0)
        with self._path.open("w", encoding="utf-8") as file:
            file.write(f'{before},\n "rows": [')
            shutil.copyfileobj(self._rows, file)
            file.write("\n ]\n}\n")
