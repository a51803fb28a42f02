"""Follows the catalog's change log and applies its changes to the retriever."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from shelfwise.contracts.vectors import VectorSpace
from shelfwise.database import Database, read_changes, read_products
from shelfwise.errors import DatabaseUnavailable, NotReady, ShelfwiseError
from shelfwise_retriever.changes.changing import Changing, ProductChange
from shelfwise_retriever.indexes import text_of
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.writing.text_vectors import TextVectors

_log = logging.getLogger("shelfwise.retriever")

_PAGE = 256
_SLICE = 16
"""Changes applied between two requests: about two milliseconds."""

_RETRY_S = 0.5
_VECTORLESS_RETRY_S = 1.0

Products = list[tuple[str, dict[str, Any] | None]]


class Follower:
    """One task reads the log; writers may wait until it reaches their change. Each retriever records its own progress."""

    def __init__(self, database: Database, vectors: TextVectors, retriever: Callable[[], Retriever], poll_s: float) -> None:
        """`retriever`: returns the one that serves; raises NotReady if none does."""
        self._database = database
        self._vectors = vectors
        self._retriever = retriever
        self._poll_s = poll_s
        self._wake = asyncio.Event()
        self._advanced = asyncio.Event()
        self._retry_vectorless_at = 0.0
        self._begun = 0
        self._ended = 0
        self._complete_at = time.monotonic()
        self.database_up = False
        self.problem: str | None = None

    @property
    def applied(self) -> int | None:
        """The number of the last change that the served retriever has; None if none serves."""
        try:
            changing = self._retriever().changing
        except NotReady:
            return None
        return changing.last_change if changing is not None else None

    @property
    def lag_s(self) -> float:
        """Seconds since the retriever last had everything that was in the log."""
        return time.monotonic() - self._complete_at

    async def follow(self) -> None:
        """Run forever, as a task of the lifespan."""
        while True:
            self._wake.clear()
            wait_s = self._poll_s
            try:
                await self.catch_up(self._retriever())
            except NotReady:
                pass  # the bundle is loading; `catch_up` is called before it is served
            except ShelfwiseError as error:
                self.database_up = self.database_up and not isinstance(error, DatabaseUnavailable)
                self.note(error.message)
                wait_s = _RETRY_S
            except Exception as error:
                _log.exception("following the catalog failed")
                self.note(f"an unexpected error: {type(error).__name__}; the log has the traceback")
                wait_s = _RETRY_S
            try:
                async with asyncio.timeout(wait_s):  # not wait_for, which loses cancellations: see `tasks.ended`
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def catch_up(self, retriever: Retriever) -> None:
        """Return when the retriever has everything that was in the log at the last read.

        Raises:
            DatabaseUnavailable
            BundleMismatch, AnotherHistory: see `read_changes`.
        """
        changing = retriever.changing
        if changing is None:
            return
        more = True
        while more:
            self._begun += 1
            begun = self._begun
            async with self._database.connection() as connection:
                self.database_up = True
                read = await read_changes(connection, changing.last_change, _PAGE, changing.last_change_at)
            await self._take([(change.product_id, change.product) for change in read.changes], changing, retriever.space)
            changing.last_change, changing.last_change_at = read.last, read.last_at or changing.last_change_at
            more = read.more
            self._ended = begun
            self._tell()
        self._complete_at = time.monotonic()
        if changing.without_vector:
            await self._try_again(changing, retriever.space)
        else:
            self.problem = None

    async def reached(self, seq: int, within_s: float) -> bool:
        """Whether the served retriever has the change in time; the log is read at once.

        A number that is already passed may belong to an earlier change that the database lost since, so the log is read once
        more.
        """
        give_up_at = time.monotonic() + within_s
        self._wake.set()
        first = self._retriever().changing
        look = self._begun + 1 if first is not None and first.last_change >= seq else 0
        while True:
            changing = self._retriever().changing
            if changing is None:
                return False
            if changing.last_change >= seq and self._ended >= look:
                return True
            try:
                async with asyncio.timeout(give_up_at - time.monotonic()):
                    await self._advanced.wait()
            except TimeoutError:
                return False

    async def _take(self, products: Products, changing: Changing, space: VectorSpace) -> None:
        """Apply changes. Products whose text gets no vector now keep their previous state and are tried again later."""
        async with changing.lock:
            unknown = {text_of(product) for _, product in products if product is not None and not changing.knows(product)}
            vectors = {}
            if unknown:
                found = await self._vectors.find(unknown, space)
                vectors = found.vectors
                if found.fresh:
                    async with self._database.connection() as connection:
                        await self._vectors.store(connection, {text: vectors[text] for text in found.fresh}, space)
                if found.problem is not None:
                    self.note(f"{len(unknown) - len(vectors)} texts have no vector yet: {found.problem.message}")
            changes = []
            for product_id, product in products:
                text = None if product is None else text_of(product)
                if product is None or changing.knows(product) or text in vectors:
                    changing.without_vector.discard(product_id)
                    changes.append(ProductChange(product_id, product, vectors.get(text) if text else None))
                else:
                    changing.without_vector.add(product_id)
            for part in _slices(changes):
                changing.apply(part)
                await asyncio.sleep(0)

    async def _try_again(self, changing: Changing, space: VectorSpace) -> None:
        now = time.monotonic()
        if now < self._retry_vectorless_at:
            return
        self._retry_vectorless_at = now + _VECTORLESS_RETRY_S
        waiting = list(islice(changing.without_vector, _PAGE))
        async with self._database.connection() as connection:
            products = {product["product_id"]: product for product in await read_products(connection, waiting)}
        await self._take([(product_id, products.get(product_id)) for product_id in waiting], changing, space)

    def _tell(self) -> None:
        advanced, self._advanced = self._advanced, asyncio.Event()
        advanced.set()

    def note(self, problem: str) -> None:
        """Report `problem` in `/readyz` until all is well again."""
        if problem != self.problem:
            self.problem = problem
            _log.warning("the catalog's changes are not followed as they should be", extra={"problem": problem})


def _slices(changes: Sequence[ProductChange]) -> Iterator[Iterable[ProductChange]]:
    return (changes[start : start + _SLICE] for start in range(0, len(changes), _SLICE))
