"""`python -m benchmarks.serving`: measures Shelfwise and the monolith in turns and writes reports/serving.json."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.catalog import Catalog, published_catalog
from benchmarks.ending import orderly_end
from benchmarks.machine import machine
from benchmarks.places import REPORTS, ROOT
from benchmarks.queries import make_queries
from benchmarks.serving.memory import MEANING, measure_here
from benchmarks.serving.report import errors_of, show, write
from benchmarks.serving.rounds import MAX_REQUESTS_PER_S, Plan, Questions, measure, one_after_another
from benchmarks.serving.shelfwise import shelfwise
from benchmarks.serving.system import System
from shelfwise_pipeline.evaluation.report.tables import report_console

SYSTEMS = ("shelfwise", "monolith")


def main() -> None:
    options = _parser().parse_args()
    console = report_console()
    with orderly_end():
        failed = _run(options, console)
    sys.exit(1 if failed else 0)


def _run(options: argparse.Namespace, console: Console) -> bool:
    plan = Plan(options.clients, options.rounds, options.warm_up, options.seconds, options.top_k)
    catalog = published_catalog(options.bundles)
    questions = Questions(make_queries(catalog.products, _questions_needed(plan, options.sequential), options.seed))
    counted = measure_here()
    facts: dict[str, Any] = {
        **machine(),
        "bundle": catalog.version,
        "products": catalog.products.height,
        "seed": options.seed,
        "memory_counted": f"{counted}: {MEANING[counted]}",
    }
    _warn_when_busy(console, facts)
    with ExitStack() as running:
        systems: list[System] = []
        for name in options.only or SYSTEMS:
            console.print(f"starting {name}")
            system = running.enter_context(_system(name, options, catalog))
            if not system.ours:
                console.print(f"{name} runs already at {system.host}:{system.port}; it stays awake while the other is measured")
            facts.setdefault("memory_mb", {})[name] = round(system.memory_mb())
            system.pause()
            systems.append(system)
        series = [] if options.sequential_only else measure(systems, questions, plan, console.print)
        sequential = [
            one_after_another(system, questions, options.sequential, plan.top_k) for system in systems if options.sequential
        ]
    show(console, series, sequential, facts["memory_mb"], counted)
    write(options.report, series, sequential, facts)
    console.print(f"written to {options.report}")
    return bool(errors_of(series, sequential))


def _system(name: str, options: argparse.Namespace, catalog: Catalog) -> System:
    if name == "shelfwise":
        return shelfwise(options.gateway, options.bundles)
    # Imported here, so that measuring Shelfwise alone needs neither torch nor Flask.
    from benchmarks.serving.monolith import monolith

    return monolith(catalog, options.monolith_threads, options.monolith_worker)


def _questions_needed(plan: Plan, sequential: int) -> int:
    """Enough questions for half of MAX_REQUESTS_PER_S in every window. With one client, no system comes near that."""
    windows = len(plan.clients) * plan.rounds
    return int(windows * (plan.warm_up_s + plan.measure_s) * MAX_REQUESTS_PER_S / 2) + sequential + 100


def _warn_when_busy(console: Console, facts: dict[str, Any]) -> None:
    if facts["load_average_1min"] > 0.5 * facts["cores"]:
        console.print(
            f"[yellow]this machine is busy (load average {facts['load_average_1min']} on {facts['cores']} cores); "
            "the figures will be too low[/]"
        )


def _parser() -> argparse.ArgumentParser:
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--bundles", default=str(ROOT / "var" / "bundles"), help="folder of published bundles")
    parser.add_argument(
        "--gateway", default="http://127.0.0.1:8000", help="measured if it answers, else four services are started"
    )
    parser.add_argument("--only", choices=SYSTEMS, nargs="+", help="measure only these")
    parser.add_argument("--clients", type=int, nargs="+", default=plan.clients, help="clients at once, one series each")
    parser.add_argument("--rounds", type=int, default=plan.rounds)
    parser.add_argument("--warm-up", type=float, default=plan.warm_up_s, help="seconds before each window")
    parser.add_argument("--seconds", type=float, default=plan.measure_s, help="length of each window")
    parser.add_argument("--top-k", type=int, default=plan.top_k)
    parser.add_argument("--sequential", type=int, default=200, metavar="N", help="also N questions one after another; 0: none")
    parser.add_argument("--sequential-only", action="store_true", help="nothing but the questions one after another")
    parser.add_argument("--monolith-threads", type=int, default=1, help="numeric threads of each of its two workers")
    parser.add_argument("--monolith-worker", choices=["sync", "gthread"], default="sync", help="Gunicorn's worker class")
    parser.add_argument("--seed", type=int, default=20_251_124)
    parser.add_argument("--report", type=Path, default=REPORTS / "serving.json")
    return parser


if __name__ == "__main__":
    main()
