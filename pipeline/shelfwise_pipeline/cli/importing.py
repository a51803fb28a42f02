"""`shelfwise import`: a shop's own products, events and judgements."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shelfwise_pipeline.cli.report_file import ReportFile
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.importing.errors import ImportStopped
from shelfwise_pipeline.importing.files import FileOptions, SourceFile, on_this_disk
from shelfwise_pipeline.importing.from_files import Imported, TooManyRefused, import_from_files
from shelfwise_pipeline.importing.loading import LARGEST_LOSS
from shelfwise_pipeline.importing.mapping.model import ColumnMap
from shelfwise_pipeline.importing.mapping.propose import propose
from shelfwise_pipeline.importing.mapping.reading import read_map
from shelfwise_pipeline.importing.report import Kind
from shelfwise_pipeline.prepare import database
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings

NOT_KEPT = 1
NO_MAP = 2
MAX_REFUSED = "20%"
"""Generous: shops' own data are like that. What is cut off, or has another column first, loses more."""
EXAMPLES_SHOWN = 3
UNBOUNDED = 10_000
"""Columns, to find out how wide a table would like to be."""
ACTION_STYLES = {"refused": "red", "mended": "yellow", "noted": "dim"}


def _share(written: str) -> float:
    """5% or 0.05."""
    number = written.strip().removesuffix("%")
    try:
        share = float(number) / (100 if written.strip().endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(
            f"expected a share of the rows, such as 5% or 0.05, found {written!r}", param_hint="--max-refused"
        )
    return share


def import_files(
    kind: Annotated[Kind, typer.Argument(help="What the files contain.")],
    files: Annotated[list[str], typer.Argument(help="CSV, Parquet or JSON Lines, also gzipped; paths or s3://… URLs.")],
    map_file: Annotated[str | None, typer.Option("--map", help="Column map (YAML). Without it, one is proposed.")] = None,
    flags: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=COLUMN", help="Set one field of the map. Overrides --map.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            help="Encoding of text files. Default: UTF-8, or UTF-16 with a byte order mark. Lines that are not UTF-8 are "
            "read as Latin-1."
        ),
    ] = None,
    report_file: Annotated[Path | None, typer.Option("--report", help="Write all findings to this file as JSON.")] = None,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help="Products only: the files are the whole catalog, and products that are not in them are deleted."
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help=f"With --complete: import even if this deletes more than {LARGEST_LOSS:.0%} of the catalog."
        ),
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Events only: where a stored event differs from the file, the file wins.")
    ] = False,
    max_refused: Annotated[
        str,
        typer.Option(
            metavar="SHARE",
            help="Share of a file's rows that may be refused, such as 5%. Above it, the import stops with exit code 1, because "
            "the export is probably broken.",
        ),
    ] = MAX_REFUSED,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Run the whole import, report it and roll it back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Import at once with the proposed map.")] = False,
) -> None:
    """Import your shop's products, events or judgements. Importing the same files again changes nothing. Exit code 1: no row
    was kept, too many were refused, or a file or map cannot be used. Exit code 2: no map was given."""
    console, failures = Console(highlight=False), list[str]()
    share = _share(max_refused)
    try:
        if complete and kind != "products":
            raise ImportStopped(f"--complete is only for products, found it with {kind}; leave it out")
        if update and kind != "events":
            raise ImportStopped(f"--update is only for events; {kind} always take the values of the file")
        with on_this_disk([*files, *([map_file] if map_file else [])]) as here:
            paths, maps = here[: len(files)], here[len(files) :]
            column_map = _map(kind, paths[0], next(iter(maps), None), flags or [], encoding, yes=yes, console=console)
            settings, steps = PipelineSettings(), Steps(console)
            with (
                nullcontext() if report_file is None else ReportFile(report_file) as report,
                database(settings, steps) as url,
                connect(url, autocommit=True) as connection,
            ):
                sink = None if report is None else report.add
                try:
                    imports = import_from_files(
                        connection,
                        kind,
                        paths,
                        column_map,
                        steps,
                        complete=complete,
                        force=force,
                        update=update,
                        max_refused=share,
                        dry_run=dry_run,
                        sink=sink,
                    )
                except TooManyRefused as problem:
                    imports, failures = problem.imports, [str(problem)]
                if report is not None:
                    report.finish(_summary(imports, column_map, dry_run=dry_run))
    except ImportStopped as problem:
        _complain(str(problem))
        raise typer.Exit(NOT_KEPT) from problem
    show(imports, console)
    _show_untouched(imports, console)
    if dry_run:
        console.print("a dry run: nothing was written")
    if report_file is not None:
        console.print(f"all findings: {report_file}")
    if any(entry.report.read for entry in imports) and not any(entry.report.accepted for entry in imports):
        failures.append("no row could be kept")
    for failure in failures:
        _complain(failure)
    if failures:
        raise typer.Exit(NOT_KEPT)


def _complain(problem: str) -> None:
    problems = Console(stderr=True, highlight=False)
    problems.print("[bold red]shelfwise:[/]", end=" ")
    problems.print(problem, soft_wrap=True, markup=False)


def _map(
    kind: Kind, first: Path, map_file: Path | None, flags: list[str], encoding: str | None, *, yes: bool, console: Console
) -> ColumnMap:
    """The map that was given; else the proposed one, which is only used when that was said beforehand."""
    if map_file is not None or (flags and not yes):
        return read_map(kind, map_file, flags, encoding=encoding)
    proposal = propose(kind, SourceFile.open(first, FileOptions(encoding=encoding)))
    console.print(proposal, end="", soft_wrap=True, markup=False)
    if yes:
        return read_map(kind, None, flags, encoding=encoding, begun=proposal)
    Console(stderr=True, highlight=False).print(
        "shelfwise: no map was given; save the one above to a file and name it with --map, or add --yes to use it as it is",
        soft_wrap=True,
    )
    raise typer.Exit(NO_MAP)


def show(imports: list[Imported], console: Console) -> None:
    """What was kept, mended and refused, and the first lines that broke each rule."""
    _show_counts(imports, console)
    findings = [(entry, finding) for entry in imports for finding in entry.report.gravest_first()]
    if not findings:
        return
    table = Table("", "rows", "what and why", "first lines")
    table.columns[1].justify = "right"
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for entry, finding in findings:
        source = finding.source or (entry.name if len(imports) > 1 else "")
        lines = "\n".join(f"{line}: {'' if value is None else value[:60]}" for line, value in finding.examples[:EXAMPLES_SHOWN])
        what = f"{f'{source}, ' if source else ''}{finding.column}: {finding.reason}".replace("[", r"\[")
        style = ACTION_STYLES[finding.action]
        table.add_row(f"[{style}]{finding.action}[/]", f"{finding.rows:,}", what, lines.replace("[", r"\["))
    console.print(table)


def _show_counts(imports: list[Imported], console: Console) -> None:
    """A table; where it is wider than the terminal or the log, a line an import, without the zeros."""
    names = ("read", "kept", "mended", "refused", "merged", "new", "changed", "as before", "deleted")
    summary = Table("file", *names, "seconds")
    for column in summary.columns[1:]:
        column.justify = "right"
    lines: list[str] = []
    for entry in imports:
        report = entry.report
        counts = (
            report.read, report.accepted, report.mended, report.refused, report.merged,
            report.inserted, report.updated, report.unchanged, report.deleted,
        )  # fmt: skip
        summary.add_row(escape(entry.name), *(f"{count:,}" for count in counts), f"{report.seconds:.1f}")
        said = [f"{count:,} {name}" for name, count in zip(names, counts, strict=True) if count or name in ("read", "kept")]
        lines.append(f"{entry.name}: {', '.join(said)}; {report.seconds:.1f} s")
    if console.measure(summary, options=console.options.update(width=UNBOUNDED)).maximum <= console.width:
        console.print(summary)
        return
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)


def _show_untouched(imports: list[Imported], console: Console) -> None:
    """What a map leaves out, where products were there already."""
    untouched = next((entry.report.untouched for entry in imports if entry.report.inserted < entry.report.accepted), [])
    if untouched:
        console.print(f"not changed, since the map does not name them: {', '.join(untouched)}", soft_wrap=True)


def _summary(imports: list[Imported], column_map: ColumnMap, *, dry_run: bool) -> dict[str, Any]:
    """What a report says beside its rows."""
    return {
        "dry_run": dry_run,
        "map": column_map.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "imports": [{"files": list(map(str, entry.files))} | entry.report.as_dict() for entry in imports],
    }
