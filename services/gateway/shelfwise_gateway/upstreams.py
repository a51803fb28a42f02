"""The three services behind the gateway."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from shelfwise.clients import (
    Breaker,
    Embedder,
    EmbedderClient,
    Events,
    EventsClient,
    Ranker,
    RankerClient,
    Retriever,
    RetrieverClient,
    ServiceClient,
)
from shelfwise_gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Upstreams:
    embedder: Embedder
    retriever: Retriever
    ranker: Ranker
    events: Events


Connect = Callable[[GatewaySettings], AbstractAsyncContextManager[Upstreams]]


@asynccontextmanager
async def connect(settings: GatewaySettings) -> AsyncIterator[Upstreams]:
    """Clients of the services at the addresses in `settings`; their connections close on exit."""

    def breaker() -> Breaker:
        return Breaker(settings.breaker_failures, settings.breaker_open_s)

    async with AsyncExitStack() as stack:

        async def client(name: str, urls: str) -> ServiceClient:
            return await stack.enter_async_context(
                ServiceClient(name, urls, connections=settings.max_in_flight, breaker=breaker)
            )

        yield Upstreams(
            embedder=EmbedderClient(await client("embedder", settings.embedder_url)),
            retriever=RetrieverClient(
                await client("retriever", settings.retriever_url), await client("retriever", settings.retriever_url)
            ),
            ranker=RankerClient(
                await client("ranker", settings.ranker_url),
                await client("ranker", settings.ranker_url),
                await client("ranker", settings.ranker_url),
            ),
            # On its own connections, so that a rush of events does not delay histories.
            events=EventsClient(await client("ranker", settings.ranker_url)),
        )
