"""`shelfwise import`: a shop's files through a column map into the database."""

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from shelfwise_pipeline.importing.files import SourceFile
from shelfwise_pipeline.importing.incoming import Progress
from shelfwise_pipeline.importing.loading import import_events, import_judgements, import_products
from shelfwise_pipeline.importing.mapping.convert import Converter
from shelfwise_pipeline.importing.mapping.model import ColumnMap
from shelfwise_pipeline.importing.mapping.one_per import Tally
from shelfwise_pipeline.importing.mapping.reading import fits
from shelfwise_pipeline.importing.report import FindingSink, ImportReport, Kind
from shelfwise_pipeline.progress import Steps


@dataclass(frozen=True)
class Imported:
    """One import and the files it read: one file, or all of them where products are put together from many lines."""

    files: tuple[Path, ...]
    report: ImportReport

    @property
    def name(self) -> str:
        return ", ".join(path.name for path in self.files)


def import_from_files(
    connection: psycopg.Connection[Any],
    kind: Kind,
    paths: Sequence[Path],
    column_map: ColumnMap,
    steps: Steps,
    *,
    complete: bool = False,
    force: bool = False,
    dry_run: bool = False,
    sink: FindingSink | None = None,
) -> list[Imported]:
    """Imports the files one after the other; running it again changes nothing, and finishes what was cut off.

    The connection is in autocommit. A dry run does everything and takes it back. Every file's columns are compared with
    the map before the first row is read. `sink` gets every finding, with the file's name as `file`. `complete` and `force`
    are import_products'; complete files are one import.

    Raises FileUnreadable, MapInvalid, TooManyMissing.
    """
    files = [SourceFile.open(path, column_map.file) for path in paths]
    for file in files:
        fits(kind, column_map, file)
    together = [files] if column_map.one_per or complete else [[file] for file in files]
    with connection.transaction(force_rollback=True) if dry_run else nullcontext():
        return [_import(connection, kind, part, column_map, steps, sink, complete=complete, force=force) for part in together]


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
) -> Imported:
    report = ImportReport(kind)
    imported = Imported(tuple(file.path for file in files), report)
    if sink is not None:
        report.sink = lambda rows: sink(rows.with_columns(file=pl.lit(report.source or imported.name)))
    started = time.monotonic()
    with steps.step(f"importing {imported.name}") as advance:
        if kind == "events":
            import_events(connection, _frames(kind, files, column_map, report), report=report, progress=advance)
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
