import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect

from shelfwise.app.metrics import Metrics
from shelfwise_embedder.batching import Batcher, Limits
from shelfwise_embedder.cache import VectorCache
from shelfwise_embedder.disconnect import while_connected
from shelfwise_embedder.embedding import EmbedderMetrics, Embedding
from shelfwise_embedder.routes import embed_for
from tests.unit.embedder.held_engine import HeldEngine


def _request(hangs_up: asyncio.Event, watched: asyncio.Event | None = None) -> Request:
    async def receive() -> dict[str, str]:
        if watched:
            watched.set()
        await hangs_up.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "headers": []}, receive)


async def test_the_result_is_returned_to_a_connected_caller() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await while_connected(_request(asyncio.Event()), work()) == 7


async def test_the_work_of_a_caller_who_hangs_up_is_cancelled() -> None:
    hangs_up, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    waiting = asyncio.create_task(while_connected(_request(hangs_up), work()))
    await asyncio.sleep(0)
    hangs_up.set()
    with pytest.raises(ClientDisconnect):
        await waiting
    async with asyncio.timeout(1):
        await cancelled.wait()


async def test_an_error_of_the_work_is_raised_to_the_caller() -> None:
    async def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await while_connected(_request(asyncio.Event()), work())


@pytest.fixture
def compute() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool


@pytest.mark.parametrize("texts", [["soap"], ["soap", "rope"]])
async def test_texts_whose_caller_hangs_up_before_their_turn_are_not_computed(
    texts: list[str], compute: ThreadPoolExecutor
) -> None:
    engine, hangs_up, watched = HeldEngine(), asyncio.Event(), asyncio.Event()
    limits = Limits(batch_tokens={"query": 1, "document": 1}, waiting_tokens={"query": 100, "document": 100})
    batcher = Batcher(engine, compute, limits)
    embedding = Embedding(engine, batcher, VectorCache(0), EmbedderMetrics(Metrics("embedder").registry))
    under_way = asyncio.create_task(embed_for(_request(asyncio.Event()), embedding, ["lamp"], "query", None))
    await engine.entered()
    waiting = asyncio.create_task(embed_for(_request(hangs_up, watched), embedding, texts, "query", None))
    async with asyncio.timeout(2):
        await watched.wait()
        assert batcher.waiting_tokens("query")
        hangs_up.set()
        with pytest.raises(ClientDisconnect):
            await waiting
    engine.gate.set()
    await under_way
    # The next request is answered only after all that waited before it.
    await embed_for(_request(asyncio.Event()), embedding, ["mouse"], "query", None)
    assert engine.texts_computed() == 2
