"""`python -m benchmarks.living.publishing`: publishes and rolls back under a steady load; no request may fail.

Starts the four services with a copy of the published bundle and asks at a steady rate. Meanwhile, publishes a second version
and rolls back. Writes reports/publishing.json. Exits with 1 if any answer was not 200.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.catalog import published_catalog
from benchmarks.ending import orderly_end
from benchmarks.figures import percentile
from benchmarks.living.copies import another_version
from benchmarks.living.steady import Answered, ask_steadily
from benchmarks.machine import machine
from benchmarks.places import REPORTS, ROOT
from benchmarks.queries import make_queries
from benchmarks.serving.shelfwise import HOST, shelfwise
from shelfwise.bundle import BundleStore
from shelfwise_pipeline.evaluation.report.tables import report_console

BEFORE, AFTER = "a-before", "b-after"
NOBODY = "http://127.0.0.1:1"
"""An address without a gateway, so that the benchmark starts its own services."""


@dataclass(frozen=True, slots=True)
class Phase:
    """The part of the run from one publication to the next."""

    name: str
    answers: Sequence[Answered]

    def figures(self) -> dict[str, Any]:
        took = [one.took_ms for one in self.answers]
        return {
            "phase": self.name,
            "asked": len(self.answers),
            "failed": sum(one.status != 200 for one in self.answers),
            "statuses": {str(status): count for status, count in Counter(one.status for one in self.answers).items()},
            "degraded": dict(Counter(step for one in self.answers for step in one.degraded)),
            "bundles": {str(bundle): count for bundle, count in Counter(one.bundle for one in self.answers).items()},
            "p50_ms": round(percentile(took, 50), 1),
            "p99_ms": round(percentile(took, 99), 1),
            "max_ms": round(max(took), 1),
        }


def main() -> None:
    options = _parser().parse_args()
    console = report_console()
    with orderly_end():
        phases = _run(options)
    figures = [phase.figures() for phase in phases]
    _show(console, figures)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    facts = {**machine(), "rate": options.rate, "phases": figures}
    options.report.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    console.print(f"written to {options.report}")
    moved = any(one.bundle == AFTER for one in phases[1].answers) and phases[2].answers[-1].bundle == BEFORE
    sys.exit(0 if moved and not any(figure["failed"] for figure in figures) else 1)


def _run(options: argparse.Namespace) -> list[Phase]:
    catalog = published_catalog(options.bundles)
    queries = make_queries(catalog.products, int(3 * options.rate * options.seconds) + 1, seed=1)
    with tempfile.TemporaryDirectory(dir=Path(options.bundles).resolve().parent, prefix="publishing-") as folder:
        for name in (BEFORE, AFTER):
            another_version(Path(options.bundles).resolve(), catalog.version, name, Path(folder))
        store = BundleStore(folder)
        store.publish(BEFORE)
        with shelfwise(NOBODY, folder) as system:
            url = f"http://{HOST}:{system.port}"
            return asyncio.run(_phases(store, url, queries, options.rate, options.seconds))


async def _phases(store: BundleStore, url: str, queries: list[str], rate: float, seconds: float) -> list[Phase]:
    load = asyncio.create_task(ask_steadily(url, queries, rate, 3 * seconds))
    await asyncio.sleep(seconds)
    store.publish(AFTER)
    await asyncio.sleep(seconds)
    store.publish(BEFORE)
    answers = await load
    names = ("before", "publish", "rollback")
    return [
        Phase(name, [one for one in answers if place * seconds <= one.sent_at_s < (place + 1) * seconds])
        for place, name in enumerate(names)
    ]


def _show(console: Console, figures: Sequence[dict[str, Any]]) -> None:
    table = Table("phase", "asked", "failed", "degraded", "p50 ms", "p99 ms", "longest ms", "bundles")
    for one in figures:
        table.add_row(
            one["phase"], str(one["asked"]), str(one["failed"]), str(one["degraded"] or ""), str(one["p50_ms"]),
            str(one["p99_ms"]), str(one["max_ms"]), str(one["bundles"]),
        )  # fmt: skip
    console.print(table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.living.publishing", description=__doc__)
    parser.add_argument("--bundles", default=str(ROOT / "var" / "bundles"), help="folder of published bundles")
    parser.add_argument("--rate", type=float, default=100.0, help="questions a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each of the three phases")
    parser.add_argument("--report", type=Path, default=REPORTS / "publishing.json")
    return parser


if __name__ == "__main__":
    main()
