"""`shelfwise evaluate`: how good a bundle's answers are, beside what a shop could do without it."""

from pathlib import Path
from typing import Annotated

import typer

from shelfwise.bundle import BundleStore, Manifest
from shelfwise_pipeline.errors import PipelineError
from shelfwise_pipeline.evaluation.of_bundle import OTHERS, sections_of
from shelfwise_pipeline.evaluation.report.page import Page, write_page
from shelfwise_pipeline.evaluation.report.section import Section, write_json
from shelfwise_pipeline.evaluation.report.tables import report_console, tables
from shelfwise_pipeline.settings import PipelineSettings

REPORT = Path("reports/evaluation.json")
PAGE = ".html"


class NothingMeasured(PipelineError):
    """There is no bundle, or nothing that its build could ask it."""


def _no_page(report: Path) -> Path:
    """The page would take its place."""
    if report.suffix == PAGE:
        raise typer.BadParameter(
            f"expected a file for the rows, such as {report.with_suffix('.json')}, found {str(report)!r}, where the page goes",
            param_hint="--report",
        )
    return report


def evaluate(
    version: Annotated[str | None, typer.Argument(help="A version from `shelfwise bundles`. Default: the live one.")] = None,
    report: Annotated[
        Path, typer.Option(help="File for the figures, as JSON. A page with plots is put beside it.", callback=_no_page)
    ] = REPORT,
) -> None:
    """Show how good a bundle's answers are. Its build measured them on questions that it had not learned from by then."""
    manifest = _manifest(BundleStore(PipelineSettings().bundles), version)
    sections = sections_of(manifest)
    if not sections:
        raise NothingMeasured(
            f"expected figures in {manifest.version}, found none: its build had no questions to measure with; "
            "import more products, events or judgements, then build again"
        )
    _write(report, manifest, sections)  # first: who reads the tables may stop, as `head` does
    console = report_console()
    for section in sections:
        for table in tables(section):
            console.print(table)
        for note in section.notes:
            console.print(f"[yellow]{note}[/]")
    console.print(OTHERS)
    console.print(f"written to {report} and {report.with_suffix(PAGE)}")


def _manifest(store: BundleStore, version: str | None) -> Manifest:
    chosen = version or store.live()
    if chosen is None:
        raise NothingMeasured(
            "expected a live bundle, found none; run `shelfwise build`, or name one that `shelfwise bundles` lists"
        )
    return store.manifest(chosen)


def _write(report: Path, manifest: Manifest, sections: list[Section]) -> None:
    write_json(report, sections)
    facts = {
        "Bundle": manifest.version,
        "built": f"{manifest.created_at:%Y-%m-%d %H:%M} UTC",
        "products": f"{manifest.catalog.get('products', 0):,}",
        "events": f"{manifest.events:,}",
        "judgements": f"{manifest.judgements:,}",
    }
    intro = f"The answers of Shelfwise, compared with what a shop could do without it, on the shop's own data. {OTHERS}"
    write_page(report.with_suffix(PAGE), Page(intro, sections, f"shelfwise evaluate {manifest.version}", facts))
