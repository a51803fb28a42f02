"""Clients of the shop that write without end, and repeat unchanged every call that was not acknowledged."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson

from benchmarks.catalog import BenchmarkError
from benchmarks.living.kills.ledger import Fields, Ledger

PATIENCE_S = 180.0
AGAIN_S = (0.05, 0.4)
ATTEMPT_S = 15.0
BULK = 40
EVENTS = 20
KINDS = ("impression", "view", "view", "view", "add_to_cart", "purchase", "purchase")


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to the gateway that retries as a careful client does."""

    session: aiohttp.ClientSession
    ledger: Ledger
    draw: random.Random

    async def send(self, method: str, path: str, body: bytes | None, what: str) -> tuple[int, bytes, int]:
        """(status, answer, attempts) of the first attempt that got a decision, accepted or refused.

        Raises:
            BenchmarkError: no decision within three minutes.
        """
        give_up_at = time.monotonic() + PATIENCE_S
        attempts = 0
        while time.monotonic() < give_up_at:
            attempts += 1
            sent_at = time.monotonic()
            try:
                async with self.session.request(method, path, data=body) as response:
                    answer = await response.read()
                if response.status < 500 and response.status != 429:
                    self.ledger.note(what, sent_at)
                    return response.status, answer, attempts
                self.ledger.retries[str(response.status)] += 1
            except (aiohttp.ClientError, TimeoutError) as error:
                self.ledger.retries[type(error).__name__] += 1
            await asyncio.sleep(self.draw.uniform(*AGAIN_S))
        raise BenchmarkError(f"{method} {path} was not acknowledged within {PATIENCE_S:.0f} s")


class ProductWriter:
    """Puts, patches, deletes and bulk writes of products that no other writer touches."""

    def __init__(self, line: Line, number: int, ids: Sequence[str], words: Sequence[str], pause_s: float) -> None:
        """`ids`: the product ids that only this writer writes. `words`: words for titles."""
        self._line = line
        self._draw = random.Random(number)
        self._number = number
        self._ids = list(ids)
        self._words = words
        self._pause_s = pause_s
        self._made = 0

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            work = self._draw.choices((self._put, self._patch, self._delete, self._bulk), (45, 40, 10, 5))[0]
            await work()
            await asyncio.sleep(self._draw.expovariate(1 / self._pause_s))

    @property
    def _ledger(self) -> Ledger:
        return self._line.ledger

    def _new_id(self) -> str:
        self._made += 1
        self._ids.append(f"killed-{self._number}-{self._made}")
        return self._ids[-1]

    def _product(self) -> Fields:
        draw = self._draw
        return {
            "title": " ".join(draw.sample(self._words, 3)),
            "brand": f"Brand {draw.randrange(500)}",
            "category": ["Killed", f"Shelf {draw.randrange(20)}"],
            "price": round(draw.uniform(1, 90), 2),
            "in_stock": draw.random() < 0.9,
        }

    async def _put(self) -> None:
        product_id = self._new_id() if self._draw.random() < 0.6 else self._draw.choice(self._ids)
        product = self._product()
        await self._write("PUT", product_id, product)
        self._ledger.products[product_id] = product

    async def _patch(self) -> None:
        product_id = self._draw.choice(self._ids)
        known = self._ledger.products.get(product_id, {})
        if known is None:
            await self._put()
            return
        fields: Fields = {"price": round(self._draw.uniform(1, 90), 2)}
        if self._draw.random() < 0.3:
            fields["title"] = " ".join(self._draw.sample(self._words, 3))
        await self._write("PATCH", product_id, fields)
        self._ledger.products[product_id] = {**known, **fields}

    async def _delete(self) -> None:
        product_id = self._draw.choice(self._ids)
        if self._ledger.products.get(product_id, {}) is None:
            return
        await self._write("DELETE", product_id, None)
        self._ledger.products[product_id] = None

    async def _bulk(self) -> None:
        products = {self._new_id(): self._product() for _ in range(BULK)}
        body = b"".join(orjson.dumps({"product_id": key, **product}) + b"\n" for key, product in products.items())
        while True:
            status, answer, _ = await self._line.send("POST", "/products:bulk", body, "products")
            if status != 200:
                raise BenchmarkError(f"a bulk call was answered with {status}: {answer[:300]!r}")
            *reports, end = map(orjson.loads, answer.splitlines())
            for report in reports:
                if report["result"] != "refused":
                    self._ledger.products[report["product_id"]] = products[report["product_id"]]
            if not end["summary"]["refused"]:
                self._ledger.writes["bulk"] += 1
                return
            self._ledger.retries["refused line"] += end["summary"]["refused"]
            await asyncio.sleep(self._draw.uniform(*AGAIN_S))

    async def _write(self, method: str, product_id: str, fields: Fields | None) -> None:
        body = None if fields is None else orjson.dumps(fields)
        status, answer, attempts = await self._line.send(method, f"/products/{product_id}", body, "products")
        # If the acknowledgement of a deletion was lost, the repeated call finds nothing to delete.
        if status != 200 and not (method == "DELETE" and status == 404 and attempts > 1):
            raise BenchmarkError(f"{method} of product {product_id!r} was answered with {status}: {answer[:300]!r}")
        self._ledger.writes[method] += 1


class EventWriter:
    """Sends lists of shoppers' events about old and new products."""

    def __init__(self, line: Line, number: int, products: Sequence[str], pause_s: float) -> None:
        self._line = line
        self._draw = random.Random(1_000 + number)
        self._number = number
        self._products = products
        self._pause_s = pause_s
        self._sent = 0

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            events = [self._event() for _ in range(EVENTS)]
            status, answer, _ = await self._line.send("POST", "/events", orjson.dumps(events), "events")
            if status != 202:
                raise BenchmarkError(f"events were answered with {status}: {answer[:300]!r}")
            self._line.ledger.events.update({event["event_id"]: event for event in events})
            await asyncio.sleep(self._draw.expovariate(1 / self._pause_s))

    def _event(self) -> dict[str, Any]:
        draw = self._draw
        self._sent += 1
        written = self._line.ledger.products
        if written and draw.random() < 0.3:
            product_id = draw.choice(list(written)[-200:])
        else:
            product_id = self._products[int(len(self._products) * draw.random() ** 3)]
        return {
            "event_id": f"killed-{self._number}-{self._sent}",
            "type": draw.choice(KINDS),
            "product_id": product_id,
            "user_id": f"killed-user-{draw.randrange(300)}",
            "timestamp": datetime.now(UTC).isoformat(),
            "value": round(draw.uniform(1, 20), 2),
        }
