"""`python -m benchmarks.quality`: compares Shelfwise and its peers on public shop data or, with --shop, on the data of the
shop in the database. Writes reports/evaluation.json or reports/evaluation-shop.json, and a page next to it."""

import argparse
import sys
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from threadpoolctl import threadpool_limits

from benchmarks.catalog import BenchmarkError
from benchmarks.machine import machine
from benchmarks.places import CACHE
from benchmarks.quality.bundle import LastBundle
from benchmarks.quality.data.place import VARIABLE, DataMissing, DataPlace
from benchmarks.quality.goals import verdicts
from benchmarks.quality.leakage import leaks
from benchmarks.quality.protocol import System
from benchmarks.quality.rankings import RankingStore
from benchmarks.quality.report.page import write_page
from benchmarks.quality.report.tables import show
from benchmarks.quality.running import Plan, run
from benchmarks.quality.subject import Subject, of_public_sets, of_the_shop
from benchmarks.quality.task import Task, TaskSpec
from benchmarks.quality.tasks import own_shop
from benchmarks.quality.tasks.registry import TASKS
from shelfwise_pipeline.cli.expected import sentence
from shelfwise_pipeline.evaluation.report.page import Verdict
from shelfwise_pipeline.evaluation.report.section import Section, write_json
from shelfwise_pipeline.evaluation.report.tables import report_console
from shelfwise_pipeline.progress import Steps
from shelfwise_pipeline.settings import PipelineSettings

PEER_PACKAGES = ("implicit", "bm25s", "scikit-learn", "sentence-transformers", "ir-measures")


def main() -> None:
    options = _parser().parse_args()
    console = report_console()
    try:
        subject = of_the_shop(PipelineSettings(), Steps(console)) if options.shop else of_public_sets()
        specs = subject.chosen(options.task)
        store = RankingStore(CACHE / "quality" / "rankings")
        plan = Plan(DataPlace.named(options.data), store, subject.ours, options.only, options.fresh)
        with threadpool_limits(options.threads):
            if options.leakage:
                sys.exit(1 if _leakage(specs, plan, console) else 0)
            sharing = replace(plan, ours=partial(subject.ours, last=LastBundle()))
            sections = [run(spec, sharing, console.print) for spec in specs]
    except Exception as problem:
        said = str(problem) if isinstance(problem, BenchmarkError) else sentence(problem)
        if said is None:
            raise
        sys.exit(said)
    if all(section.skipped for section in sections):
        # Keep the report of an earlier run.
        show(console, sections, [])
        sys.exit("nothing was measured: every task was skipped")
    _report(options.report or subject.report, sections, verdicts(sections, all_systems=not options.only), subject, console)


def _report(path: Path, sections: list[Section], found: list[Verdict], subject: Subject, console: Console) -> None:
    show(console, sections, found)
    write_json(path, sections)
    write_page(path.with_suffix(".html"), sections, found, _facts(), intro=subject.intro, again=subject.again)
    console.print(f"written to {path} and {path.with_suffix('.html')}")


def _leakage(specs: list[TaskSpec], plan: Plan, console: Console) -> bool:
    """Whether anything leaks in a task that hides a future.

    Raises:
        BenchmarkError: no system could be tried, so nothing is proved.
    """
    tried: set[str] = set()

    def systems(task: Task) -> list[System]:
        own = plan.ours(task)
        wanted = [one for one in [*([own] if own else []), *task.peers] if plan.wants(one.name)]
        tried.update(one.name for one in wanted)
        return wanted

    leaking = False
    for spec in specs:
        if spec.frozen_at is None:
            console.print(f"{spec.name}: has no moment from which anything is hidden")
            continue
        try:
            found = leaks(spec, spec.read(plan.place), systems)
        except DataMissing as missing:
            console.print(f"{spec.name}: skipped, {missing}")
            continue
        leaking |= bool(found)
        for leak in found[:10]:
            console.print(
                f"[red]{spec.name}: a shuffled future changed {leak.what}" + (f" to {leak.question!r}" if leak.question else "")
            )
        if not found:
            console.print(f"{spec.name}: a shuffled future changes nothing that is known or answered")
    if not tried:
        raise BenchmarkError("nothing was checked: no task that hides a future had its data and a system of the wanted names")
    return leaking


def _facts() -> dict[str, str]:
    """The facts at the end of the page, by name."""
    known = machine()
    packages = dict(known["packages"])
    for package in PEER_PACKAGES:
        try:
            packages[package] = version(package)
        except PackageNotFoundError:
            continue
    where = f"{known['measured_at']} on {known['cores']} cores of {known['processor']}"
    return {"Measured": where, "Python": known["python"], **packages}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--data", type=Path, help=f"folder with one folder for each data set; default: the variable {VARIABLE}")
    parser.add_argument(
        "--shop",
        action="store_true",
        help="ask about the shop in the database: that of DATABASE_URL, or the embedded one below SHELFWISE_VAR",
    )
    parser.add_argument(
        "--task",
        nargs="+",
        default=[],
        choices=[*(spec.name for spec in TASKS), *own_shop.NAMES],
        metavar="TASK",
        help="run only these: %(choices)s; the last four with --shop",
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="only systems whose name holds one of these words"
    )
    parser.add_argument("--fresh", action="store_true", help="ask the peers again although their answers are kept")
    parser.add_argument("--leakage", action="store_true", help="measure nothing; check that a shuffled future changes nothing")
    parser.add_argument("--threads", type=int, default=1, help="numeric threads")
    parser.add_argument("--report", type=Path, help="the file of all rows; the page is written next to it")
    return parser


if __name__ == "__main__":
    main()
