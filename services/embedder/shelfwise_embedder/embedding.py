"""The served encoder of one bundle: the cache first, then the batches."""

import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shelfwise.bundle import Part
from shelfwise.contracts.embed import EmbedRequest, TextKind
from shelfwise.contracts.vectors import VectorSpace
from shelfwise.deadline import Deadline
from shelfwise_embedder.batching import Batcher, Limits
from shelfwise_embedder.cache import VectorCache
from shelfwise_embedder.encode import encode
from shelfwise_embedder.engines.base import Engine
from shelfwise_embedder.engines.registry import open_engine
from shelfwise_embedder.job import Embedded, Line
from shelfwise_embedder.settings import EmbedderSettings

WARMUP_FILE = "warmup.jsonl"

_log = logging.getLogger("shelfwise.embedder")


class EmbedderMetrics:
    """The embedder's metrics besides those of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.cache_hits = Counter("shelfwise_embedder_cache_hits_total", "Queries answered from the cache.", registry=registry)
        self.cache_misses = Counter("shelfwise_embedder_cache_misses_total", "Queries not in the cache.", registry=registry)
        self.cache_bytes = Gauge("shelfwise_embedder_cache_bytes", "Size of the cache, in bytes.", registry=registry)
        self.batch_texts = Histogram(
            "shelfwise_embedder_batch_texts", "Texts per batch.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256), registry=registry
        )
        self.waiting_tokens = Gauge(
            "shelfwise_embedder_waiting_tokens", "Tokens that wait for the engine.", ["kind"], registry=registry
        )


class Embedding:
    """Belongs to one bundle; a new bundle gets a new one, with an empty cache."""

    def __init__(self, engine: Engine, batcher: Batcher, cache: VectorCache, metrics: EmbedderMetrics) -> None:
        self._engine = engine
        self._batcher = batcher
        self._cache = cache
        self._metrics = metrics
        lines: tuple[Line, ...] = ("query", "bulk", "document")
        for line in lines:
            metrics.waiting_tokens.labels(line).set_function(partial(batcher.waiting_tokens, line))

    @property
    def space(self) -> VectorSpace:
        return self._engine.space

    def cached(self, texts: Sequence[str], kind: TextKind) -> list[Embedded] | None:
        """The vectors of `texts` if all are cached, else None."""
        if kind != "query":
            return None
        found = [hit for text in texts if (hit := self._cache.get(text)) is not None]
        if len(found) < len(texts):
            return None
        self._metrics.cache_hits.inc(len(found))
        return found

    async def embed(self, texts: Sequence[str], kind: TextKind, deadline: Deadline | None = None) -> list[Embedded]:
        """One vector per text, in order.

        Raises:
            Overloaded, DeadlineExceeded: see `Batcher.submit`.
        """
        if kind == "document":
            # Documents are embedded once, when a product is written; caching them would displace the queries.
            return await self._batcher.submit(texts, kind, deadline)
        known = {text: hit for text in texts if (hit := self._cache.get(text)) is not None}
        missing = [text for text in texts if text not in known]
        self._metrics.cache_hits.inc(len(texts) - len(missing))
        self._metrics.cache_misses.inc(len(missing))
        for text, embedded in zip(missing, await self._batcher.submit(missing, kind, deadline), strict=True):
            known[text] = embedded
            self._cache.put(text, embedded)
        self._metrics.cache_bytes.set(self._cache.size_bytes)
        return [known[text] for text in texts]


def load_embedding(part: Part, settings: EmbedderSettings, compute: Executor, metrics: EmbedderMetrics) -> Embedding:
    """Open, check and warm the encoder part of a bundle. Takes a second; run it in a thread.

    Raises:
        BundleError: the part cannot be served with these settings.
    """
    engine = open_engine(
        settings.embedder_engine, part.path, threads=settings.embedder_threads, torch_model=settings.embedder_torch_model
    )
    replayed = _warm(engine, part.path / WARMUP_FILE)
    _log.info("encoder loaded", extra={"model": engine.space.model, "engine": settings.embedder_engine, "warmed": replayed})
    limits = Limits(
        batch_tokens={"query": settings.embedder_query_batch_tokens, "document": settings.embedder_document_batch_tokens},
        waiting_tokens={
            "query": settings.embedder_waiting_query_tokens,
            "document": settings.embedder_waiting_document_tokens,
        },
        inline_tokens=0 if settings.embedder_engine == "torch" else settings.embedder_inline_tokens,
    )
    batcher = Batcher(engine, compute, limits, metrics.batch_texts.observe)
    return Embedding(engine, batcher, VectorCache(settings.embedder_cache_bytes), metrics)


def _warm(engine: Engine, path: Path) -> int:
    if not path.is_file():
        return 0
    requests = [EmbedRequest.model_validate_json(line) for line in path.read_bytes().splitlines() if line.strip()]
    for request in requests:
        encode(engine, request.texts, request.kind)
    return len(requests)
