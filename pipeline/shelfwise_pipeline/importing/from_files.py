"""`shelfwise import`: imports a shop's files through a column map into the database."""

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from shelfwise_pipeline.importing.errors import ImportStopped
from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.incoming import Progress
from shelfwise_pipeline.importing.loading import import_judgements, import_products
from shelfwise_pipeline.importing.loading_events import import_events
from shelfwise_pipeline.importing.mapping.convert import Converter
from shelfwise_pipeline.importing.mapping.model import ColumnMap
from shelfwise_pipeline.importing.mapping.one_per import Tally
from shelfwise_pipeline.importing.mapping.reading import fits
from shelfwise_pipeline.importing.report import FindingSink, ImportReport, Kind
from shelfwise_pipeline.progress import Steps


@dataclass(frozen=True)
class Imported:
    """One import and the files it read: a single file, or all of them if products are combined from many lines."""

    files: tuple[Path, ...]
    report: ImportReport

    @property
    def name(self) -> str:
        return ", ".join(path.name for path in self.files)


class TooManyRefused(ImportStopped):
    """So many rows were refused that the export is probably broken. `imports`: the finished imports, the broken one last."""

    def __init__(self, message: str, imports: list[Imported]) -> None:
        super().__init__(message)
        self.imports = imports


def import_from_files(
    connection: psycopg.Connection[Any],
    kind: Kind,
    paths: Sequence[Path],
    column_map: ColumnMap,
    steps: Steps,
    *,
    complete: bool = False,
    force: bool = False,
    update: bool = False,
    max_refused: float = 1.0,
    dry_run: bool = False,
    sink: FindingSink | None = None,
) -> list[Imported]:
    """Imports the files one after the other. Running it again changes nothing, and completes an interrupted import.

    The connection is in autocommit. A dry run does everything and rolls it back. Every file's columns are compared with the map
    before the first row is read. `sink` gets every finding, with the file's name as `file`. `complete` and `force` are those of
    `import_products`, `update` that of `import_events`; complete files are one import. `max_refused`: the share of an import's
    rows that may be refused, not counting those that a good export has, too. If it is exceeded, products and judgements stay as
    they were, and nothing more is read.

    Raises FileUnreadable, MapInvalid, TooManyMissing, TooManyRefused.
    """
    files = [SourceFile.open(path, column_map.file) for path in paths]
    for file in files:
        fits(kind, column_map, file)
    together = [files] if column_map.one_per or complete else [[file] for file in files]
    imports: list[Imported] = []
    with connection.transaction(force_rollback=True) if dry_run else nullcontext():
        for part in together:
            with nullcontext() if kind == "events" else connection.transaction():
                imports.append(
                    _import(connection, kind, part, column_map, steps, sink, complete=complete, force=force, update=update)
                )
                _require_few_refused(kind, imports, max_refused)
    return imports


def _require_few_refused(kind: Kind, imports: list[Imported], max_refused: float) -> None:
    name, report = imports[-1].name, imports[-1].report
    if report.broken <= max_refused * report.read:
        return
    kept = "the events that were kept stay" if kind == "events" else f"the {kind} stay as they were"
    raise TooManyRefused(
        f"expected at most {100 * max_refused:g} % of the rows of {name} to be refused, found {report.broken:,} of "
        f"{report.read:,} (returns, repeated ids and rows that the map refuses not counted); {kept}. Check the export and the "
        "map. If both are right, allow more with --max-refused",
        imports,
    )


def _import(
    connection: psycopg.Connection[Any],
    kind: Kind,
    files: list[SourceFile],
    column_map: ColumnMap,
    steps: Steps,
    sink: FindingSink | None,
    *,
    complete: bool,
    force: bool,
    update: bool,
) -> Imported:
    report = ImportReport(kind)
    imported = Imported(tuple(file.path for file in files), report)
    if sink is not None:
        report.sink = lambda rows: sink(rows.with_columns(file=pl.lit(report.source or imported.name)))
    started = time.monotonic()
    with steps.step(f"importing {imported.name}") as advance:
        if kind == "events":
            frames = _frames(kind, files, column_map, report)
            import_events(connection, frames, update=update, report=report, progress=advance)
        elif kind == "judgements":
            import_judgements(connection, _frames(kind, files, column_map, report), report=report, progress=advance)
        else:
            frames = _frames(kind, files, column_map, report)
            if column_map.one_per:
                frames = iter([_one_per_product(frames, report, advance)])
            import_products(
                connection,
                frames,
                duplicates=column_map.duplicates,
                complete=complete,
                force=force,
                report=report,
                progress=advance,
            )
    report.seconds = time.monotonic() - started
    return imported


def _frames(kind: Kind, files: list[SourceFile], column_map: ColumnMap, report: ImportReport) -> Iterator[pl.DataFrame]:
    for file in files:
        report.source = file.path.name if len(files) > 1 else ""
        yield from Converter(kind, column_map, file).frames(report)
    report.source = ""


def _one_per_product(frames: Iterator[pl.DataFrame], report: ImportReport, progress: Progress) -> pl.DataFrame:
    tally = Tally()
    for frame in frames:
        tally.add(frame)
        progress(report.read + tally.lines, None)
    products = tally.products()
    report.merged = tally.lines - products.height
    report.read += report.merged
    return products
