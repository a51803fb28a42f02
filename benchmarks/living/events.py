"""`python -m benchmarks.living.events`: how many events a second one ranker commits, in calls of 100.

Uses a real PostgreSQL that waits for the disk, one ranker in its own process, and callers in this process. Takes a published
bundle (`--bundles`, by default the one of `make run`) and writes reports/events.json. Exits with 1 unless the database holds
exactly the acknowledged events afterwards.
"""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import psycopg

from benchmarks.catalog import published_catalog
from benchmarks.ending import orderly_end
from benchmarks.machine import machine
from benchmarks.places import REPORTS, ROOT, server_environment
from benchmarks.serving.system import Program, System
from shelfwise.bundle import BundleStore
from shelfwise_pipeline.database import EmbeddedPostgres, migrate
from shelfwise_pipeline.evaluation.report.tables import report_console
from shelfwise_ranker.products import ProductTable

PORT = 8193
BATCH = 100
KINDS = ("impression", "view", "view", "view", "add_to_cart", "purchase")


@dataclass
class Outcome:
    """What the callers saw."""

    accepted: int = 0
    refused: int = 0
    seconds: float = 0.0
    waits_ms: list[float] = field(default_factory=list)

    def wait_ms(self, share: float) -> float:
        return sorted(self.waits_ms)[min(len(self.waits_ms) - 1, int(share * len(self.waits_ms)))]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bundles", default=str(ROOT / "var" / "bundles"), help="where bundles are published")
    options.add_argument("--seconds", type=float, default=20.0, help="for how long")
    options.add_argument("--callers", type=int, default=8, help="calls at the same time")
    chosen = options.parse_args()
    with orderly_end():
        published_catalog(chosen.bundles)
        with (
            tempfile.TemporaryDirectory(prefix="shelfwise-events-") as folder,
            EmbeddedPostgres(Path(folder) / "postgres") as url,
        ):
            migrate(url)
            with _ranker(url, chosen.bundles) as ranker:
                outcome = asyncio.run(_send(_products(chosen.bundles), chosen.callers, chosen.seconds))
                busy = ranker.cpu_s()
            with psycopg.connect(url) as connection:
                row = connection.execute("SELECT count(*) FROM behavior.events").fetchone()
    report = {
        "events_per_second": round(outcome.accepted / outcome.seconds),
        "callers": chosen.callers,
        "events_a_call": BATCH,
        "call_ms": {"median": round(outcome.wait_ms(0.5), 1), "p99": round(outcome.wait_ms(0.99), 1)},
        "calls_refused": outcome.refused,
        "ranker_cores": round(busy / outcome.seconds, 2),
        "acknowledged": outcome.accepted,
        "stored": row[0] if row else 0,
        "machine": machine(),
    }
    REPORTS.mkdir(exist_ok=True)
    (REPORTS / "events.json").write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    report_console().print(report)
    sys.exit(report["acknowledged"] != report["stored"])


def _ranker(url: str, bundles: str) -> System:
    environment = server_environment(
        DATABASE_URL=url,
        SHELFWISE_BUNDLES=bundles,
        SHELFWISE_PORT=str(PORT),
        SHELFWISE_LOG_LEVEL="warning",
        OMP_NUM_THREADS="1",
    )
    program = Program(
        "living-ranker", [sys.executable, "-m", "shelfwise_ranker"], environment, f"http://127.0.0.1:{PORT}/readyz"
    )
    return System("ranker", "127.0.0.1", PORT, [program])


def _products(bundles: str) -> list[str]:
    store = BundleStore(bundles, ROOT / "var" / "cache" / "bundles")
    return ProductTable.load(store.open(store.current(), "ranker").path).ids


def _calls(products: list[str], caller: int) -> Iterator[bytes]:
    """Endless request bodies. Popular products are more frequent, as in a shop."""
    draw = random.Random(caller)
    for call in itertools.count():
        yield orjson.dumps([_event(draw, products, f"{caller}-{call}-{number}") for number in range(BATCH)])


def _event(draw: random.Random, products: list[str], event_id: str) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "type": draw.choice(KINDS),
        "product_id": products[int(len(products) * draw.random() ** 3)],
        "user_id": f"user-{draw.randrange(20_000)}",
        "session_id": f"session-{draw.randrange(40_000)}",
        "timestamp": datetime.now(UTC),
        "value": 2.5,
    }


async def _send(products: list[str], callers: int, seconds: float) -> Outcome:
    outcome = Outcome()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{PORT}") as session:
        await asyncio.sleep(1)  # by then the ranker has read the database
        started = time.perf_counter()
        await asyncio.gather(
            *(_call(session, _calls(products, caller), started + seconds, outcome) for caller in range(callers))
        )
        outcome.seconds = time.perf_counter() - started
    return outcome


async def _call(session: aiohttp.ClientSession, bodies: Iterator[bytes], end: float, outcome: Outcome) -> None:
    for body in bodies:
        if time.perf_counter() > end:
            return
        sent = time.perf_counter()
        async with session.post("/events", data=body, headers={"content-type": "application/json"}) as response:
            answer = await response.json()
        outcome.waits_ms.append((time.perf_counter() - sent) * 1000)
        if response.status == 202:
            outcome.accepted += answer["accepted"]
        else:
            outcome.refused += 1


if __name__ == "__main__":
    main()
