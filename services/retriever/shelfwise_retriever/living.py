"""What keeps a retriever's catalog alive: a database to write to and to follow."""

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
"""So long a retriever that just started waits for the database; then it serves what the bundle has, rather than nothing."""


@dataclass(frozen=True, slots=True)
class Living:
    """`served`: the retriever that serves; raises NotReady when none does."""

    writer: Writer
    follower: Follower
    served: Callable[[], Retriever]

    async def write(self, write: Write) -> ProductWritten:
        """Commit, and take it in here before it is acknowledged, so that this replica's next answer has it.

        Raises as `Writer.write`. That it could not be taken in by then is no error: it is committed and will be.
        """
        written = await self.writer.write(write)
        await self.taken_in(written.seq)
        return written

    async def taken_in(self, seq: int) -> None:
        """Waits until the change is in this replica's answers, but not for long."""
        await self.follower.reached(seq, _APPLIED_WITHIN_S)

    async def prepare(self, served: Served) -> None:
        """A new bundle catches up before it is served. While another one is, it waits for the database as long as it takes.

        One that has changes which the database has not is served as it is.

        Raises:
            BundleMismatch: the change log does not go back to where the bundle ends.
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
    """Connects to the database at `url` and the embedder. Changes are followed as soon as `served` has a retriever."""
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
