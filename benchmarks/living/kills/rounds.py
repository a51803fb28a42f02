"""Kills at random moments, one after the other, and measures each recovery."""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from benchmarks.catalog import BenchmarkError
from benchmarks.living.kills.ledger import Ledger
from benchmarks.living.kills.shop import POSTGRES, REPLICAS, Shop, Target
from benchmarks.living.kills.writers import ATTEMPT_S, EventWriter, Line, ProductWriter

KINDS = ("retriever", "ranker", "gateway", POSTGRES)
BACK_WITHIN_S = 120.0
PRODUCT_WRITERS, EVENT_WRITERS = 3, 2
CALM_S = (0.5, 4.0)
"""Seconds between the recovery from one kill and the next kill."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Seconds from the kill until the target was ready again, and until a later product (event) was acknowledged."""

    target: str
    ready_s: float
    product_s: float
    event_s: float

    def as_json(self) -> dict[str, Any]:
        return {name: value if isinstance(value := getattr(self, name), str) else round(value, 2) for name in self.__slots__}


def targets(rounds: int, draw: random.Random) -> Iterator[Target]:
    """Targets in random order, as many of each kind as `rounds` allows. Replicas of the same service take turns."""
    turn = dict.fromkeys(KINDS, 0)
    left = rounds
    while left > 0:
        for kind in draw.sample(KINDS, len(KINDS))[:left]:
            number = 1 + turn[kind] % REPLICAS if kind in ("retriever", "ranker") else 1
            turn[kind] += 1
            yield Target(kind, number)
        left -= len(KINDS)


async def run_rounds(
    shop: Shop, ids: list[str], words: list[str], rounds: int, seed: int, pause_s: float
) -> tuple[Ledger, list[Kill]]:
    """Write throughout all kills and for a second after the last recovery; return when every write was acknowledged.

    `ids`: the catalog's product ids, most popular first. `pause_s`: a writer's mean pause after each call.
    """
    ledger, draw = Ledger(), random.Random(seed)
    stop = asyncio.Event()
    session = aiohttp.ClientSession(
        shop.url,
        timeout=aiohttp.ClientTimeout(total=ATTEMPT_S),
        headers={"content-type": "application/json"},
        connector=aiohttp.TCPConnector(limit=0),
    )
    async with session, asyncio.TaskGroup() as group:
        lines = [Line(session, ledger, random.Random(seed + number)) for number in range(PRODUCT_WRITERS + EVENT_WRITERS)]
        for number, line in enumerate(lines):
            if number < PRODUCT_WRITERS:
                writer = ProductWriter(line, number, ids[number::PRODUCT_WRITERS], words, pause_s)
                group.create_task(writer.run(stop))
            else:
                group.create_task(EventWriter(line, number, ids, pause_s).run(stop))
        kills = []
        for target in targets(rounds, draw):
            await asyncio.sleep(draw.uniform(*CALM_S))
            kills.append(await _killed(shop, target, ledger))
        await asyncio.sleep(1.0)
        stop.set()
    return ledger, kills


async def _killed(shop: Shop, target: Target, ledger: Ledger) -> Kill:
    await asyncio.to_thread(shop.kill, target)
    at = time.monotonic()
    ready_at: float | None = None
    while True:
        if ready_at is None and await asyncio.to_thread(shop.is_ready, target):
            ready_at = time.monotonic()
        product_s, event_s = ledger.first_after("products", at), ledger.first_after("events", at)
        if ready_at is not None and product_s is not None and event_s is not None:
            return Kill(target.name, ready_at - at, product_s, event_s)
        if time.monotonic() - at > BACK_WITHIN_S:
            raise BenchmarkError(f"expected the {target.name} to be back {BACK_WITHIN_S:.0f} s after it was killed")
        shop.require_running()
        await asyncio.sleep(0.05)
