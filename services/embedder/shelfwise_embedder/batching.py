"""Batches by token budget without a time window: a batch is what arrived while the engine was busy.

All state belongs to the event loop. `Engine.encode_tokens` runs in the single compute thread, unless the batch takes less time
than handing it over and back.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from shelfwise.contracts.embed import TextKind
from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded
from shelfwise_embedder.engines.base import Engine, TokenIds, Vectors
from shelfwise_embedder.job import Embedded, Job, Line
from shelfwise_embedder.pace import Pace
from shelfwise_embedder.waiting import WaitingLine

_log = logging.getLogger("shelfwise.embedder")

_INLINE_CHARACTERS: Final = 4_000
"""Up to this many characters, tokenizing takes two milliseconds, or six if every character is a word (Chinese), and runs on the
event loop; beyond that, it runs in a thread."""

_FEW: Final = 16
"""Up to this many queries of one request wait among all other queries; more are a bulk, which waits in a line of its own."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Padded tokens per batch and tokens that may wait, by kind of text; tokens of a query batch that is computed on the loop.

    A bulk of queries has the batch size of queries and the waiting limit of documents.
    """

    batch_tokens: dict[TextKind, int]
    waiting_tokens: dict[TextKind, int]
    inline_tokens: int = 0


class Batcher:
    """Feeds one engine; `compute` must have a single thread. `observe` is called with the number of texts of every batch."""

    def __init__(
        self, engine: Engine, compute: Executor, limits: Limits, observe: Callable[[int], None] = lambda texts: None
    ) -> None:
        self._engine = engine
        self._compute = compute
        self._limits = limits
        self._observe = observe
        self._lines: dict[Line, WaitingLine] = {
            "query": WaitingLine(limits.batch_tokens["query"]),
            "bulk": WaitingLine(limits.batch_tokens["query"]),
            "document": WaitingLine(limits.batch_tokens["document"]),
        }
        waiting = limits.waiting_tokens
        self._room: dict[Line, int] = {"query": waiting["query"], "bulk": waiting["document"], "document": waiting["document"]}
        queries = Pace()
        self._pace: dict[Line, Pace] = {"query": queries, "bulk": queries, "document": Pace()}
        self._in_flight: dict[tuple[Line, str], Job] = {}
        self._running: asyncio.Task[None] | None = None
        self._others_until_s: float | None = None  # `perf_counter` time at which the running non-query batch ends

    def waiting_tokens(self, line: Line) -> int:
        return self._lines[line].tokens

    async def submit(self, texts: Sequence[str], kind: TextKind, deadline: Deadline | None = None) -> list[Embedded]:
        """The vectors of `texts`, in their order. Cancel the call to withdraw its texts.

        Raises:
            Overloaded: too much is waiting already; raised at once.
            DeadlineExceeded: the deadline would pass first, or has passed.
        """
        if not texts:
            return []
        line: Line = "bulk" if kind == "query" and len(set(texts)) > _FEW else kind
        jobs = await self._admit(texts, line, deadline)
        try:
            if len(jobs) == 1:
                # Shielded: a caller that leaves must not cancel a job that others wait for.
                await asyncio.shield(jobs[texts[0]].result)
            else:
                await asyncio.wait({job.result for job in jobs.values()})
            return [jobs[text].result.result() for text in texts]
        finally:
            self._leave(jobs)

    async def _admit(self, texts: Sequence[str], line: Line, deadline: Deadline | None) -> dict[str, Job]:
        """The job of each text, joined by this caller."""
        jobs: dict[str, Job] = {}
        try:
            # Before any await: jobs in flight now may be finished when the other texts have been tokenized.
            unknown = [text for text in dict.fromkeys(texts) if not self._joined(jobs, text, line, deadline)]
            tokens = await self._tokenize(unknown)
            self._require_room(sum(map(len, tokens)), line, deadline)
        except BaseException:
            self._leave(jobs)
            raise
        for text, ids in zip(unknown, tokens, strict=True):
            # Another request may have submitted the text while this one tokenized it in a thread.
            if not self._joined(jobs, text, line, deadline):
                job = jobs[text] = self._in_flight[line, text] = Job(text, ids, line)
                job.join(deadline)
                self._lines[line].add(job)
        self._start()
        return jobs

    def _joined(self, jobs: dict[str, Job], text: str, line: Line, deadline: Deadline | None) -> bool:
        """Whether the text is in flight; if so, join its job and add it to `jobs`."""
        job = self._in_flight.get((line, text))
        if job is None:
            return False
        job.join(deadline)
        jobs[text] = job
        return True

    def _leave(self, jobs: dict[str, Job]) -> None:
        for job in jobs.values():
            job.leave()
            if not job.wanted:
                # Later requests for the text get a new job, because this one will be skipped.
                self._forget(job)

    def _require_room(self, fresh: int, line: Line, deadline: Deadline | None) -> None:
        """Refuse `fresh` more tokens if too many are waiting already or their turn would come too late."""
        waiting, pace, limit = self._lines[line].tokens, self._pace[line], self._room[line]
        others_s = 0.0 if line == "document" else self._others_first_s(line)
        # A request larger than the limit must be possible if nothing else is waiting.
        if fresh and waiting and waiting + fresh > limit:
            wait_s = pace.seconds_for(waiting) + others_s
            raise Overloaded(
                f"{waiting} {line} tokens wait, and {fresh} more would exceed the limit of {limit}; try again in a moment",
                retry_after_s=max(1, math.ceil(wait_s)),
            )
        if deadline:
            # If nothing is waiting, the pace is not used, so that one bad measurement can never lock every caller out.
            own_s = pace.seconds_for(waiting + fresh) if waiting else 0.0
            deadline.require(own_s + others_s, "embedding")

    def _others_first_s(self, line: Line) -> float:
        """How long a query that arrives now waits for other work: for the running batch, or for the one that comes before it.

        Called only while such batches are computed and therefore measured, so a bad measurement is soon forgotten.
        """
        if self._others_until_s is not None:
            return max(0.0, self._others_until_s - time.perf_counter())
        documents = self._first_s("document")
        return documents if line == "bulk" else max(documents, self._first_s("bulk"))

    def _first_s(self, line: Line) -> float:
        return self._pace[line].seconds_for(min(self._lines[line].tokens, self._limits.batch_tokens[_kind(line)]))

    async def _tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        if not texts:
            return []
        if sum(map(len, texts)) <= _INLINE_CHARACTERS:
            return self._engine.tokenize(texts)
        return await asyncio.to_thread(self._engine.tokenize, texts)

    def _start(self) -> None:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain(), name="embedder-batches")

    async def _drain(self) -> None:
        """Run batches until nothing is waiting.

        When a batch of other texts is due, the queries already waiting go before it and those that arrive meanwhile after it.
        So a bulk, of queries or of documents, delays a query by one batch, and an endless stream of queries delays a bulk by at
        most the queries admitted at that time. Bulks of both kinds take turns.
        """
        queries = self._lines["query"]
        others: cycle[Line] = cycle(("bulk", "document"))
        while any(line.tokens for line in self._lines.values()):
            await self._run_next("query")
            while queries.planned:
                await self._run_next("query")
            due = next(others)
            await self._run_next(due if self._lines[due].tokens else next(others))

    async def _run_next(self, line: Line) -> None:
        if batch := self._ready(self._lines[line].next_batch()):
            await self._run(batch, line)

    def _ready(self, batch: list[Job]) -> list[Job]:
        """The jobs of `batch` that are still worth computing; the others fail here."""
        ready = []
        for job in batch:
            if job.wanted and not job.too_late:
                ready.append(job)
            else:
                self._forget(job)
                job.fail(DeadlineExceeded("the deadline passed while the text waited for the engine; send a larger one"))
        return ready

    async def _run(self, batch: list[Job], line: Line) -> None:
        tokens = [job.tokens for job in batch]
        size, pace, started_at = sum(map(len, tokens)), self._pace[line], time.perf_counter()
        if line != "query":
            self._others_until_s = started_at + pace.seconds_for(size)
        try:
            vectors = await self._encoded(tokens, line)
        except Exception as error:
            _log.exception("a batch failed", extra={"kind": line, "texts": len(batch)})
            for job in batch:
                job.fail(error)
        else:
            self._observe(len(batch))
            pace.observe(size, time.perf_counter() - started_at)
            for job, vector in zip(batch, vectors, strict=True):
                job.finish(vector)
        finally:
            self._others_until_s = None
            for job in batch:
                self._forget(job)

    async def _encoded(self, tokens: list[TokenIds], line: Line) -> list[bytes]:
        if line == "query" and sum(map(len, tokens)) <= self._limits.inline_tokens:
            vectors = self._encode(tokens, line)
            # Between batches the loop accepts new arrivals, so that they are counted, or refused.
            await asyncio.sleep(0)
            return vectors
        return await asyncio.get_running_loop().run_in_executor(self._compute, self._encode, tokens, _kind(line))

    def _encode(self, tokens: list[TokenIds], kind: TextKind) -> list[bytes]:
        vectors: Vectors = self._engine.encode_tokens(tokens, kind)
        return [row.tobytes() for row in vectors.astype("<f4", copy=False)]

    def _forget(self, job: Job) -> None:
        if self._in_flight.get((job.line, job.text)) is job:
            del self._in_flight[job.line, job.text]


def _kind(line: Line) -> TextKind:
    return "document" if line == "document" else "query"
