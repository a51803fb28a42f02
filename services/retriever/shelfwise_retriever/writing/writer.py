"""Commits writes in batches: those that arrive during a transaction go into the next one."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import psycopg

from shelfwise.contracts.product_write import ProductWritten
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.database import Database, last_change
from shelfwise.errors import DatabaseUnavailable, Internal, InvalidRequest, Overloaded, ShelfwiseError
from shelfwise_retriever.indexes import text_of
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.writing import statements
from shelfwise_retriever.writing.merging import Write
from shelfwise_retriever.writing.plan import Plan
from shelfwise_retriever.writing.text_vectors import Found, TextVectors

_log = logging.getLogger("shelfwise.retriever")

MOST = 256
"""Writes per transaction."""

WAITING = 4_096
_TRIES = 5

Outcome = ProductWritten | ShelfwiseError


class Writer:
    """Runs one transaction at a time: the order of the change log would make several wait for each other anyway."""

    def __init__(self, database: Database, vectors: TextVectors, retriever: Callable[[], Retriever]) -> None:
        """`retriever`: returns the one that serves, which has the vectors of its texts; raises NotReady if none does."""
        self._database = database
        self._vectors = vectors
        self._retriever = retriever
        self._waiting: list[tuple[Write, asyncio.Future[Outcome]]] = []
        self._running: asyncio.Task[None] | None = None

    async def write(self, write: Write) -> ProductWritten:
        """Return once the write is committed.

        Raises:
            UnknownProduct: there is no product to patch or delete.
            Overloaded: too many writes are waiting already.
            ShelfwiseError: the reason why it was not written, e.g. DatabaseUnavailable.
        """
        [outcome] = await self.write_all([write])
        if isinstance(outcome, ShelfwiseError):
            raise outcome
        return outcome

    async def write_all(self, writes: Sequence[Write]) -> list[Outcome]:
        """As `write`, for several; the outcome of each, in their order. A refused write does not affect the others."""
        if len(self._waiting) + len(writes) > WAITING:
            raise Overloaded(
                f"the queue is full: {len(self._waiting)} writes are waiting, the limit is {WAITING}; try again in a second"
            )
        loop = asyncio.get_running_loop()
        jobs = [(write, loop.create_future()) for write in writes]
        self._waiting += jobs
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain(), name="catalog-writes")
        return [await outcome for _, outcome in jobs]

    async def close(self) -> None:
        """Return when everything that was accepted is committed or refused."""
        if self._running is not None:
            await self._running

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            outcomes = await self._outcomes([write for write, _ in batch])
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():  # its caller has gone
                    future.set_result(outcome)

    async def _outcomes(self, writes: list[Write]) -> list[Outcome]:
        """The outcome of each write. Never raises, or the callers would wait forever."""
        try:
            return await self._committed(writes)
        except ShelfwiseError as error:
            return [error] * len(writes)
        except psycopg.DataError as error:
            # A value that nothing checks earlier. The other writes of the batch must not fail because of it.
            if len(writes) > 1:
                return [outcome for write in writes for outcome in await self._outcomes([write])]
            why = error.diag.message_primary or error  # the second is the client's own refusal
            return [InvalidRequest(f"the database refuses product {writes[0].product_id!r}: {why}")]
        except Exception:
            _log.exception("writing failed", extra={"writes": len(writes)})
            return [Internal("an unexpected error; nothing was written, see the service's log")] * len(writes)

    async def _committed(self, writes: list[Write]) -> list[Outcome]:
        space = self._retriever().space
        found = Found()
        unembedded: dict[str, ShelfwiseError] = {}
        # Usually right; correctness does not depend on it, because the transaction finds out what is missing.
        texts = {text_of(write.fields) for write in writes if write.kind == "put"}
        for _ in range(_TRIES):
            await self._embed({text for text in texts if text not in found.vectors}, space, found, unembedded)
            try:
                missing, outcomes = await self._attempt(writes, space, found, unembedded)
            except psycopg.errors.DeadlockDetected:
                continue
            if not missing:
                return outcomes
            texts = missing
        raise DatabaseUnavailable("other writes kept changing the same products; try again in a moment")

    async def _embed(self, texts: set[str], space: VectorSpace, found: Found, unembedded: dict[str, ShelfwiseError]) -> None:
        """Add the vectors of texts that the served bundle does not know to `found`, and texts without one to `unembedded`."""
        unknown = self._unknown(texts)
        if not unknown:
            return
        more = await self._vectors.find(unknown, space)
        found.vectors.update(more.vectors)
        found.fresh |= more.fresh
        if more.problem is not None:
            unembedded.update({text: more.problem for text in unknown if text not in more.vectors})

    def _unknown(self, texts: set[str]) -> set[str]:
        changing = self._retriever().changing
        return {text for text in texts if changing is None or not changing.indexes.knows(text)}

    async def _attempt(
        self, writes: list[Write], space: VectorSpace, found: Found, unembedded: Mapping[str, ShelfwiseError]
    ) -> tuple[set[str], list[Outcome]]:
        """One transaction; if texts turn out to have no vector yet, roll it back and return these texts."""
        ids = {write.product_id for write in writes}
        missing: set[str] = set()
        outcomes: list[Outcome] = []
        async with self._database.connection() as connection, connection.transaction() as transaction:
            there = await statements.lock(connection, ids)
            plan = Plan.of(writes, there, unembedded, datetime.now(UTC))
            texts = {text_of(product) for product in plan.upserts.values()}
            missing = {text for text in self._unknown(texts) if text not in found.vectors}
            if missing:
                raise psycopg.Rollback(transaction)
            before = await last_change(connection)
            await self._vectors.store(connection, {text: found.vectors[text] for text in texts if text in found.fresh}, space)
            await statements.upsert(connection, plan.upserts.values())
            await statements.delete(connection, plan.deletes)
            seqs = await statements.seqs_since(connection, before, ids)
            outcomes = [self._outcome(place, write, plan, seqs, before) for place, write in enumerate(writes)]
        return missing, outcomes

    def _outcome(self, place: int, write: Write, plan: Plan, seqs: Mapping[str, int], before: int) -> Outcome:
        if place in plan.refused:
            return plan.refused[place]
        seq = seqs.get(write.product_id, before)
        if write.kind == "delete":
            return ProductWritten(product_id=write.product_id, result="deleted", seq=seq)
        return ProductWritten(product_id=write.product_id, result="kept" if place in plan.changing else "unchanged", seq=seq)
