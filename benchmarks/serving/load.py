"""The load generator: a process of its own that reads an `Order` on stdin and writes an `Outcome` on stdout, as JSON.

It is a closed loop: every client asks its next question when it has the answer to the previous one. While the clock runs,
answers are only collected; they are parsed and judged afterwards.
"""

import asyncio
import gc
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import orjson
import uvloop

from benchmarks.serving.answers import Answer, judge
from benchmarks.serving.client import Client, now_ms

DEADLINE_MS = 5_000
"""Long enough that a slow machine shows in the times, and no answer leaves out a step to be in time.
The monolith has no deadline and ignores it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask, and whom. The clock starts after `warm_up_s` and stops after `measure_s` or when the questions end."""

    host: str
    port: int
    clients: int
    warm_up_s: float
    measure_s: float
    queries: list[str]
    top_k: int = 10
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back."""

    asked: int
    """Number of questions sent, including the warm-up. The next round begins after them."""
    seconds: float
    """Length of the measured window."""
    latencies_ms: list[float]
    """Latencies of the good answers in the window, in order of arrival."""
    client_cpu_us: float
    """This process's own CPU time per request in the window."""
    errors: dict[str, int] = field(default_factory=dict)
    """Number of answers that do not count, by error, including the warm-up."""
    reported_ms: list[float] = field(default_factory=list)
    """`timings_ms.total` of the good answers in the window, if the system reports it."""


class _Load:
    def __init__(self, order: Order) -> None:
        self._order = order
        self._requests = [_request(order, query) for query in order.queries]
        self._asked = 0
        self._over = False
        self._running = order.clients
        self._all_finished = asyncio.Event()
        self._answers: list[Answer] = []

    async def run(self) -> Outcome:
        order = self._order
        clients = [
            Client(order.host, order.port, self._take, self._answers.append, self._finished) for _ in range(order.clients)
        ]
        watchdog = asyncio.create_task(self._watch(clients))
        for client in clients:
            client.ask_next()
        await self._wait_s(order.warm_up_s)
        from_ms, cpu_from_s = now_ms(), time.process_time()
        await self._wait_s(order.measure_s)
        until_ms, cpu_until_s = now_ms(), time.process_time()
        self._over = True
        # Wait for pending answers: otherwise a server would still work on them while the other is measured.
        await self._all_finished.wait()
        watchdog.cancel()
        return self._outcome(from_ms, until_ms, cpu_until_s - cpu_from_s)

    def _take(self) -> bytes | None:
        if self._over or self._asked == len(self._requests):
            return None
        self._asked += 1
        return self._requests[self._asked - 1]

    def _finished(self) -> None:
        self._running -= 1
        if self._running == 0:
            self._all_finished.set()

    async def _wait_s(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_finished.wait(), seconds)

    async def _watch(self, clients: list[Client]) -> None:
        while True:
            await asyncio.sleep(0.5)
            for client in clients:
                client.give_up_after(self._order.timeout_s * 1000)

    def _outcome(self, from_ms: float, until_ms: float, cpu_s: float) -> Outcome:
        errors: Counter[str] = Counter()
        latencies: list[float] = []
        reported: list[float] = []
        within = 0
        for answer in self._answers:
            verdict = judge(answer, self._order.top_k)
            in_window = from_ms <= answer.at_ms <= until_ms
            within += in_window
            if verdict.error is not None:
                errors[verdict.error] += 1
            elif in_window:
                latencies.append(answer.took_ms)
                if verdict.reported_ms is not None:
                    reported.append(verdict.reported_ms)
        return Outcome(
            asked=self._asked,
            seconds=(until_ms - from_ms) / 1000,
            latencies_ms=latencies,
            client_cpu_us=cpu_s * 1e6 / max(within, 1),
            errors=dict(errors),
            reported_ms=reported,
        )


def _request(order: Order, query: str) -> bytes:
    body = orjson.dumps({"product_name": query, "top_k": order.top_k, "deadline_ms": DEADLINE_MS})
    head = (
        f"POST /recommend HTTP/1.1\r\nHost: {order.host}:{order.port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run_load(order: Order) -> Outcome:
    """Carry out the order in the running loop."""
    return await _Load(order).run()


def main() -> None:
    order = Order(**orjson.loads(sys.stdin.buffer.read()))
    gc.disable()  # a garbage collection here must not look like a slow answer
    outcome = uvloop.run(run_load(order))
    sys.stdout.buffer.write(orjson.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
