import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from shelfwise.contracts.embed import TextKind
from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, Overloaded
from shelfwise_embedder.batching import Batcher, Limits
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import TokenIds, Vectors
from shelfwise_embedder.engines.fake import FakeEngine
from tests.unit.embedder.held_engine import HeldEngine

LIMITS = Limits(batch_tokens={"query": 16, "document": 16}, waiting_tokens={"query": 40, "document": 40})


@pytest.fixture
def engine() -> HeldEngine:
    return HeldEngine()


@pytest.fixture
def batcher(engine: HeldEngine) -> Iterator[Batcher]:
    with ThreadPoolExecutor(max_workers=1) as compute:
        yield Batcher(engine, compute, LIMITS)
        engine.gate.set()


async def _busy(engine: HeldEngine, batcher: Batcher) -> "asyncio.Task[object]":
    """Keep the engine busy with a first text, held at the gate."""
    first = asyncio.create_task(batcher.submit(["first"], "query"))
    await engine.entered()
    return first


async def test_texts_that_queue_while_the_engine_is_busy_are_one_batch(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    others = [asyncio.create_task(batcher.submit([text], "query")) for text in ("nail polish", "motor oil", "soap")]
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, *others)
    assert [len(batch) for _, batch in engine.batches] == [1, 3]


async def test_a_text_for_an_idle_engine_is_computed_at_once(engine: HeldEngine, batcher: Batcher) -> None:
    engine.gate.set()
    async with asyncio.timeout(1):
        await batcher.submit(["nail polish"], "query")
    assert engine.texts_computed() == 1


async def test_padded_tokens_stay_under_the_budget(engine: HeldEngine, batcher: Batcher) -> None:
    engine.gate.set()
    texts = [" ".join(["word"] * words) for words in (1, 9, 2, 8, 3, 7, 1, 15)]
    texts = [f"{text} {number}" for number, text in enumerate(texts)]
    await batcher.submit(texts, "query")
    assert all(len(batch) * max(map(len, batch)) <= 16 or len(batch) == 1 for _, batch in engine.batches)
    longest = [max(map(len, batch)) for _, batch in engine.batches]
    assert longest == sorted(longest)
    assert len(engine.batches) < len(texts)


async def test_vectors_come_in_the_order_of_the_texts(engine: HeldEngine, batcher: Batcher) -> None:
    engine.gate.set()
    texts = ["a long name of a product", "soap", "nail polish", "soap"]
    embedded = await batcher.submit(texts, "document")
    found = np.stack([np.frombuffer(each.vector, dtype="<f4") for each in embedded])
    np.testing.assert_array_equal(found, encode(engine, texts, "document"))
    assert [each.tokens for each in embedded] == [7, 2, 3, 2]


async def test_equal_texts_in_flight_are_computed_once(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    same = [asyncio.create_task(batcher.submit(["nail polish"], "query")) for _ in range(5)]
    again = asyncio.create_task(batcher.submit(["first"], "query"))
    await asyncio.sleep(0)
    engine.gate.set()
    results = await asyncio.gather(*same)
    assert await again == await first
    assert results == [results[0]] * 5
    assert engine.texts_computed() == 2


async def test_a_query_and_a_document_of_the_same_text_are_computed_separately(engine: HeldEngine, batcher: Batcher) -> None:
    engine.gate.set()
    await asyncio.gather(batcher.submit(["soap"], "query"), batcher.submit(["soap"], "document"))
    assert sorted(kind for kind, _ in engine.batches) == ["document", "query"]


async def test_tokens_beyond_the_waiting_limit_are_refused_at_once(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    waiting = asyncio.create_task(batcher.submit([f"text {number}" for number in range(12)], "query"))
    await asyncio.sleep(0)
    async with asyncio.timeout(0.2):
        with pytest.raises(Overloaded, match="36 query tokens wait") as refusal:
            await batcher.submit(["some more words than fit"], "query")
    assert int(refusal.value.headers["retry-after"]) >= 1
    engine.gate.set()
    await asyncio.gather(first, waiting)
    await batcher.submit(["some more words than fit"], "query")


async def test_overload_by_documents_does_not_refuse_queries(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    bulk = asyncio.create_task(batcher.submit([f"text {number}" for number in range(13)], "document"))
    await asyncio.sleep(0)
    query = asyncio.create_task(batcher.submit(["nail polish"], "query"))
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, bulk, query)
    assert [kind for kind, _ in engine.batches][:3] == ["query", "document", "query"]


async def test_documents_delay_no_query_by_more_than_one_batch(engine: HeldEngine, batcher: Batcher) -> None:
    bulk = asyncio.create_task(batcher.submit([f"text {number}" for number in range(13)], "document"))
    await engine.entered()
    queries = [asyncio.create_task(batcher.submit([f"{number} b c d e f g"], "query")) for number in range(5)]
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(bulk, *queries)
    assert [kind for kind, _ in engine.batches] == ["document", "query", "query", "query", "document", "document"]


BULK = [f"bulk {number}" for number in range(20)]


async def test_a_bulk_of_queries_delays_no_other_query_by_more_than_one_batch(engine: HeldEngine, batcher: Batcher) -> None:
    bulk = asyncio.create_task(batcher.submit(BULK, "query"))
    await engine.entered()
    query = asyncio.create_task(batcher.submit(["nail polish"], "query", Deadline.after_ms(5_000)))
    await asyncio.sleep(0)
    assert (batcher.waiting_tokens("query"), batcher.waiting_tokens("bulk")) == (3, 45)
    engine.gate.set()
    await query
    assert [len(batch) for _, batch in engine.batches[:2]] == [5, 1]
    embedded = await bulk
    found = np.stack([np.frombuffer(each.vector, dtype="<f4") for each in embedded])
    np.testing.assert_array_equal(found, encode(engine, BULK, "query"))


async def test_bulks_of_queries_and_of_documents_take_turns(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    bulks = [asyncio.create_task(batcher.submit(BULK, kind)) for kind in ("query", "document")]
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, *bulks)
    assert [kind for kind, _ in engine.batches[1:]] == ["query", "document"] * 4


async def test_a_bulk_of_queries_has_a_limit_of_its_own(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    bulk = asyncio.create_task(batcher.submit(BULK, "query"))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="60 bulk tokens wait"):
        await batcher.submit([f"more {number}" for number in range(20)], "query")
    query = asyncio.create_task(batcher.submit(["nail polish"], "query"))
    engine.gate.set()
    await asyncio.gather(first, bulk, query)
    assert batcher.waiting_tokens("bulk") == 0


async def test_queries_that_keep_coming_do_not_keep_documents_waiting(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    document = asyncio.create_task(batcher.submit(["nail polish"], "document"))
    more = []

    async def ask(number: int) -> None:
        more.append(asyncio.create_task(batcher.submit([f"query {number}"], "query")))
        await more[-1]
        if not document.done():
            await ask(number + 1)

    asking = asyncio.create_task(ask(0))
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, document, asking)
    assert len(more) <= 2


async def test_a_query_that_would_wait_too_long_for_documents_is_refused(engine: HeldEngine, batcher: Batcher) -> None:
    bulk = asyncio.create_task(batcher.submit(["one two three four five six seven"], "document"))
    await engine.entered()
    await asyncio.sleep(0.1)  # so that the batcher measures some 12 ms per token
    engine.gate.set()
    await bulk
    engine.gate.clear()
    bulk = asyncio.create_task(batcher.submit([f"text number {number}" for number in range(8)], "document"))
    await engine.entered()
    with pytest.raises(DeadlineExceeded, match="embedding needs about"):
        await batcher.submit(["nail polish"], "query", Deadline.after_ms(50))
    query = asyncio.create_task(batcher.submit(["nail polish"], "query", Deadline.after_ms(5_000)))
    engine.gate.set()
    await asyncio.gather(bulk, query)
    # Without waiting documents, their pace does not count.
    assert await batcher.submit(["soap"], "query", Deadline.after_ms(50))


async def test_a_request_over_the_limit_passes_when_nothing_waits(engine: HeldEngine, batcher: Batcher) -> None:
    engine.gate.set()
    texts = [f"text number {number}" for number in range(100)]
    assert len(await batcher.submit(texts, "query")) == 100


async def test_a_text_whose_caller_has_gone_is_skipped(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    gone = asyncio.create_task(batcher.submit(["nail polish", "soap"], "query"))
    stays = asyncio.create_task(batcher.submit(["soap"], "query"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    engine.gate.set()
    await asyncio.gather(first, stays)
    assert engine.texts_computed() == 2
    # The text can be submitted again.
    assert len(await batcher.submit(["nail polish"], "query")) == 1
    assert batcher.waiting_tokens("query") == 0


async def test_a_text_past_its_deadline_is_refused_and_not_computed(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    late = asyncio.create_task(batcher.submit(["nail polish"], "query", Deadline.after_ms(20)))
    await asyncio.sleep(0.05)
    engine.gate.set()
    await first
    with pytest.raises(DeadlineExceeded):
        await late
    assert engine.texts_computed() == 1


async def test_a_shared_text_is_computed_as_long_as_one_caller_can_wait(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    hasty = asyncio.create_task(batcher.submit(["nail polish"], "query", Deadline.after_ms(20)))
    patient = asyncio.create_task(batcher.submit(["nail polish"], "query"))
    await asyncio.sleep(0.05)
    engine.gate.set()
    await asyncio.gather(first, hasty)
    assert await patient == await hasty


async def test_a_text_that_would_wait_beyond_its_deadline_is_refused_at_once(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    await asyncio.sleep(0.1)  # so that the batcher measures some 50 ms per token
    engine.gate.set()
    await first
    engine.gate.clear()
    running = await _busy(engine, batcher)
    waiting = asyncio.create_task(batcher.submit(["one two three four five six"], "query"))
    await asyncio.sleep(0)
    with pytest.raises(DeadlineExceeded, match="embedding needs about"):
        await batcher.submit(["nail polish"], "query", Deadline.after_ms(50))
    engine.gate.set()
    await asyncio.gather(running, waiting)
    # An idle engine tries in any case, so a slow first batch locks nobody out.
    assert await batcher.submit(["nail polish"], "query", Deadline.after_ms(50))


async def test_a_failing_batch_fails_only_its_own_callers(
    engine: HeldEngine, batcher: Batcher, caplog: pytest.LogCaptureFixture
) -> None:
    engine.gate.set()
    engine.fault = RuntimeError("kernel")
    with pytest.raises(RuntimeError, match="kernel"):
        await batcher.submit(["nail polish"], "query")
    engine.fault = None
    assert len(await batcher.submit(["nail polish"], "query")) == 1
    assert [record.message for record in caplog.records] == ["a batch failed"]


async def test_submitting_no_texts_returns_no_vectors(batcher: Batcher) -> None:
    assert await batcher.submit([], "query") == []


class SlowTokenizer(HeldEngine):
    """Tokenizes long texts, which happens in a thread, only once `tokenize_gate` is open."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenize_gate = threading.Event()

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        if sum(map(len, texts)) > 4_000:
            assert self.tokenize_gate.wait(timeout=5)
        return super().tokenize(texts)


LONG = ["polish " * 600, "soap"]


@pytest.fixture
def slow() -> SlowTokenizer:
    return SlowTokenizer()


async def test_a_text_in_flight_may_be_done_before_the_others_are_tokenized(slow: SlowTokenizer) -> None:
    with ThreadPoolExecutor(max_workers=1) as compute:
        batcher = Batcher(slow, compute, LIMITS)
        first = await _busy(slow, batcher)
        both = asyncio.create_task(batcher.submit(["first", *LONG], "query"))
        await asyncio.sleep(0)
        slow.gate.set()
        await first
        slow.tokenize_gate.set()
        assert (await both)[:1] == await first
        assert slow.texts_computed() == 3
        assert len(await batcher.submit(["soap"], "query")) == 1


async def test_a_text_submitted_again_while_it_is_tokenized_is_computed_once(slow: SlowTokenizer) -> None:
    with ThreadPoolExecutor(max_workers=1) as compute:
        batcher = Batcher(slow, compute, replace(LIMITS, waiting_tokens={"query": 400, "document": 400}))
        first = await _busy(slow, batcher)
        both = asyncio.create_task(batcher.submit(LONG, "query"))
        other = asyncio.create_task(batcher.submit(["soap"], "query"))
        await asyncio.sleep(0)
        slow.tokenize_gate.set()
        async with asyncio.timeout(5):
            while batcher.waiting_tokens("query") <= 2:  # noqa: ASYNC110 - the state is the batcher's
                await asyncio.sleep(0)
        slow.gate.set()
        assert (await both)[1:] == await other
        await first
        assert slow.texts_computed() == 3


async def test_a_call_cancelled_during_tokenization_lets_go_of_texts_in_flight(slow: SlowTokenizer) -> None:
    with ThreadPoolExecutor(max_workers=1) as compute:
        batcher = Batcher(slow, compute, LIMITS)
        first = await _busy(slow, batcher)
        waits = asyncio.create_task(batcher.submit(["nail polish"], "query"))
        await asyncio.sleep(0)
        gives_up = asyncio.create_task(batcher.submit(["nail polish", *LONG], "query"))
        await asyncio.sleep(0)
        for task in (gives_up, waits):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        slow.tokenize_gate.set()
        slow.gate.set()
        await first
        assert await batcher.submit(["nail polish"], "query")
        assert slow.texts_computed() == 2


async def test_a_refused_call_lets_go_of_texts_in_flight(engine: HeldEngine, batcher: Batcher) -> None:
    first = await _busy(engine, batcher)
    waits = asyncio.create_task(batcher.submit([f"text {number}" for number in range(12)], "query"))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await batcher.submit(["text 0", "some more words than fit"], "query")
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    engine.gate.set()
    await first
    assert await batcher.submit(["text 0"], "query")
    assert engine.texts_computed() == 2


class ThreadedEngine(FakeEngine):
    """Records the threads that computed."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[str] = []

    def encode_tokens(self, batch: Sequence[TokenIds], kind: TextKind) -> Vectors:
        self.threads.append(threading.current_thread().name)
        return super().encode_tokens(batch, kind)


@pytest.mark.parametrize(
    ("texts", "kind", "inline"),
    [
        (["nail polish"], "query", True),
        (["nail polish", "soap"], "query", True),
        (["one two three four five six seven eight nine"], "query", False),  # more than the inline_tokens below
        (["nail polish"], "document", False),
    ],
)
async def test_short_queries_are_computed_without_a_thread(texts: list[str], kind: TextKind, inline: bool) -> None:
    engine = ThreadedEngine()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="compute") as compute:
        batcher = Batcher(engine, compute, replace(LIMITS, inline_tokens=8))
        embedded = await batcher.submit(texts, kind)
    found = np.stack([np.frombuffer(each.vector, dtype="<f4") for each in embedded])
    np.testing.assert_array_equal(found, encode(engine, texts, kind))
    assert engine.threads[0].startswith("compute") is not inline


async def test_computing_on_the_loop_keeps_deadlines_limits_and_shared_texts() -> None:
    engine = ThreadedEngine()
    batches: list[int] = []
    with ThreadPoolExecutor(max_workers=1) as compute:
        batcher = Batcher(engine, compute, replace(LIMITS, inline_tokens=16), batches.append)
        twice = [batcher.submit(["nail polish"], "query") for _ in range(2)]
        # 3 + 9 * 4 of the 40 tokens that may wait; the tenth is one too many.
        crowd = [batcher.submit([f"text number {number}"], "query") for number in range(10)]
        late = batcher.submit(["soap"], "query", Deadline.after_ms(0))
        outcomes = await asyncio.gather(*twice, late, *crowd, return_exceptions=True)
    assert outcomes[0] == outcomes[1]
    assert [type(outcome) for outcome in outcomes[2:]] == [DeadlineExceeded, *[list] * 9, Overloaded]
    assert sum(batches) == 1 + 9
    assert batcher.waiting_tokens("query") == 0
