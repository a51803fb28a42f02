"""`python -m benchmarks.living.writes`: how long after acknowledgement every replica answers with a change.

Starts its own shop with a copy of the published bundle: PostgreSQL, two retrievers, a gateway for each. Writes products at a
steady rate to both gateways in turn: half are new products with new texts, half change prices and brands. For some writes, asks
both gateways until both answer with the change. Writes reports/writes.json. Exits with 1 if p99 is over a second, if a write
was not answered with 200, or if anything acknowledged is not in the database at the end.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from benchmarks.catalog import Catalog, published_catalog
from benchmarks.ending import orderly_end
from benchmarks.figures import percentile
from benchmarks.living.two_replicas import two_replicas
from benchmarks.machine import machine
from benchmarks.places import REPORTS, ROOT
from shelfwise_pipeline.database import connect
from shelfwise_pipeline.evaluation.report.tables import report_console

MOST_MS = 1_000.0
GIVE_UP_S = 20.0
POLL_S = 0.01
MARK = "benchmark mark"


@dataclass(slots=True)
class Outcome:
    """What was observed."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    """The last acknowledged brand, by product id."""
    statuses: Counter[int] = field(default_factory=Counter)
    ack_ms: list[float] = field(default_factory=list)
    visible_ms: list[list[float]] = field(default_factory=list)
    """For each watched write and gateway: from acknowledgement to the first answer with the change; infinite if none came."""


def main() -> None:
    options = _parser().parse_args()
    with orderly_end():
        catalog = published_catalog(options.bundles)
        with (
            tempfile.TemporaryDirectory(prefix="shelfwise-writes-") as folder,
            two_replicas(Path(options.bundles).resolve(), catalog.version, Path(folder)) as (gateways, url),
        ):
            outcome = asyncio.run(_run(gateways, catalog, options.rate, options.seconds, options.watched))
            lost = _lost(outcome, url)
    both = [max(times) for times in outcome.visible_ms]
    facts: dict[str, Any] = {
        **machine(),
        "products": catalog.products.height,
        "rate": options.rate,
        "seconds": options.seconds,
        "statuses": {str(status): count for status, count in outcome.statuses.items()},
        "acknowledged_not_stored": lost,
        "ack_ms": _summary(outcome.ack_ms),
        "visible_ms": {
            "watched": len(both),
            "both": _summary(both),
            "either": _summary([t for ts in outcome.visible_ms for t in ts]),
        },
    }
    console = report_console()
    console.print_json(orjson.dumps(facts).decode())
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    sys.exit(0 if not lost and set(outcome.statuses) == {200} and percentile(both, 99) <= MOST_MS else 1)


async def _run(gateways: Sequence[str], catalog: Catalog, rate: float, seconds: float, watched: float) -> Outcome:
    """An open loop: a write every 1/`rate` s, whether or not earlier ones were answered. Watch `watched` writes a second."""
    outcome, draw = Outcome(), random.Random(1)
    rows = catalog.products.select("product_id", "title").rows()
    timeout = aiohttp.ClientTimeout(total=GIVE_UP_S)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:
        began = time.perf_counter()
        tasks = []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(began + number / rate - time.perf_counter())
            (known_id, title), (_, other) = draw.sample(rows, 2)
            brand = f"{MARK} {number}"
            is_watched = int(number * watched / rate) != int((number - 1) * watched / rate)
            if number % 2:
                write = _Write("PATCH", known_id, {"price": round(draw.uniform(1, 50), 2), "brand": brand}, title)
            else:
                title = f"{title} {other.split()[0]} {number}"
                write = _Write("PUT", f"benchmark-{number}", {"title": title, "category": ["New"], "brand": brand}, title)
            tasks.append(asyncio.create_task(_write(session, gateways, number, write, outcome, is_watched)))
        await asyncio.gather(*tasks)
    return outcome


@dataclass(frozen=True, slots=True)
class _Write:
    method: str
    product_id: str
    body: dict[str, Any]
    title: str


async def _write(
    session: aiohttp.ClientSession, gateways: Sequence[str], number: int, write: _Write, outcome: Outcome, watched: bool
) -> None:
    started_at = time.perf_counter()
    url = f"{gateways[number % len(gateways)]}/products/{write.product_id}"
    try:
        async with session.request(write.method, url, json=write.body) as response:
            await response.read()
            status = response.status
    except (aiohttp.ClientError, TimeoutError):
        status = 0
    acknowledged_at = time.perf_counter()
    outcome.statuses[status] += 1
    if status != 200:
        return
    outcome.acknowledged[write.product_id] = write.body["brand"]
    outcome.ack_ms.append((acknowledged_at - started_at) * 1000)
    if watched:
        seen = await asyncio.gather(*(_seen(session, gateway, write, acknowledged_at) for gateway in gateways))
        outcome.visible_ms.append(list(seen))


async def _seen(session: aiohttp.ClientSession, gateway: str, write: _Write, acknowledged_at: float) -> float:
    """Milliseconds from the acknowledgement to the first answer with the product as it was written."""
    question = {"product_name": write.title[:200], "top_k": 1, "filter": {"brand": write.body["brand"]}, "deadline_ms": 2_000}
    while time.perf_counter() - acknowledged_at < GIVE_UP_S:
        try:
            async with session.post(f"{gateway}/recommend", json=question) as response:
                answer = orjson.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError):
            continue
        if [item["product_id"] for item in answer.get("items", ())] == [write.product_id]:
            return (time.perf_counter() - acknowledged_at) * 1000
        await asyncio.sleep(POLL_S)
    return float("inf")


def _lost(outcome: Outcome, url: str) -> int:
    """How many acknowledged products the database does not hold with the brand of a write of this run. Of two simultaneous
    writes of a product, either may be the last."""
    with connect(url) as connection:
        stored = dict(
            connection.execute("SELECT product_id, brand FROM catalog.products WHERE brand LIKE %s", [f"{MARK}%"]).fetchall()
        )
    return sum(product_id not in stored for product_id in outcome.acknowledged)


def _summary(values: Sequence[float]) -> dict[str, float]:
    return {f"p{percent}": round(percentile(values, percent), 1) for percent in (50, 90, 99)} | {"max": round(max(values), 1)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.living.writes", description=__doc__)
    parser.add_argument("--bundles", default=str(ROOT / "var" / "bundles"), help="folder of published bundles")
    parser.add_argument("--rate", type=float, default=100.0, help="writes a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument(
        "--watched", type=float, default=5.0, help="writes a second that are looked for in both gateways' answers"
    )
    parser.add_argument("--report", type=Path, default=REPORTS / "writes.json")
    return parser


if __name__ == "__main__":
    main()
