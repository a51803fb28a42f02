"""Keeps a retriever's catalog up to date: a database to write to and to follow."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from shelfwise.clients import EmbedderClient, ServiceClient
from shelfwise.contracts.product_write import ProductWritten
from shelfwise.database import Database
from shelfwise.errors import AnotherHistory, BundleMismatch, ShelfwiseError
from shelfwise.tasks import Background
from shelfwise_retriever.changes.follower import Follower
from shelfwise_retriever.changes.when_worn import compact_when_worn
from shelfwise_retriever.retrieve import Retriever
from shelfwise_retriever.served import Served
from shelfwise_retriever.settings import RetrieverSettings
from shelfwise_retriever.writing.merging import Write
from shelfwise_retriever.writing.text_vectors import TextVectors
from shelfwise_retriever.writing.writer import Writer

_CONNECTIONS = 4
_APPLIED_WITHIN_S = 0.5
_TRY_AGAIN_S = 0.5
_START_WITHOUT_S = 5.0
"""A retriever that just started waits this long for the database; then it serves the bundle as it is rather than nothing."""


@dataclass(frozen=True, slots=True)
class Living:
    """`served`: returns the retriever that serves; raises NotReady if none does."""

    writer: Writer
    follower: Follower
    served: Callable[[], Retriever]

    async def write(self, write: Write) -> ProductWritten:
        """Commit, and apply the change here before acknowledging it, so that this replica's next answer has it.

        Raises as `Writer.write`. A change that cannot be applied in time is no error: it is committed and will be applied.
        """
        written = await self.writer.write(write)
        await self.taken_in(written.seq)
        return written

    async def taken_in(self, seq: int) -> None:
        """Wait until the change is in this replica's answers, but not for long."""
        await self.follower.reached(seq, _APPLIED_WITHIN_S)

    async def prepare(self, served: Served) -> None:
        """Bring a new bundle up to date before it is served. While another bundle serves, wait for the database indefinitely.

        A bundle with changes that the database does not have is served as it is.

        Raises:
            BundleMismatch: the change log does not reach back to the end of the bundle.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + _START_WITHOUT_S
        while True:
            try:
                await self.follower.catch_up(served.retriever)
                return
            except BundleMismatch:
                raise
            except AnotherHistory as error:
                self.follower.note(error.message)
                return
            except ShelfwiseError as error:
                if not self._serves_another() and loop.time() > give_up_at:
                    self.follower.note(f"serving the bundle without later changes: {error.message}")
                    return
            await asyncio.sleep(_TRY_AGAIN_S)

    def _serves_another(self) -> bool:
        with suppress(ShelfwiseError):
            return self.served() is not None
        return False


@asynccontextmanager
async def living(
    settings: RetrieverSettings, url: str, background: Background, served: Callable[[], Retriever]
) -> AsyncIterator[Living]:
    """Connect to the database at `url` and the embedder. Changes are followed as soon as `served` has a retriever."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(url, "shelfwise-retriever", _CONNECTIONS))
        embedder = await stack.enter_async_context(ServiceClient("embedder", settings.embedder_url, connections=_CONNECTIONS))
        vectors = TextVectors(database, EmbedderClient(embedder))
        writer = Writer(database, vectors, served)
        stack.push_async_callback(writer.close)
        follower = Follower(database, vectors, served, settings.retriever_poll_s)
        background.run_within(stack, "follow-changes", follower.follow)
        background.run_within(stack, "compact-when-worn", lambda: compact_when_worn(served))
        yield Living(writer, follower, served)
