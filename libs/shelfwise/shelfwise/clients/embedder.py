"""The embedder, as its callers use it."""

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from shelfwise.clients.http import Probe, ServiceClient
from shelfwise.contracts.embed import TextKind
from shelfwise.deadline import Deadline
from shelfwise.errors import UpstreamUnavailable

WireVectors = dict[str, Any]
"""`contracts.vectors.EncodedVectors` as parsed JSON: passed on unchanged, never decoded."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    async def embed_query(self, text: str, deadline: Deadline) -> WireVectors:
        """The single vector of a query's text."""
        ...

    async def embed_documents(self, texts: Sequence[str], deadline: Deadline) -> WireVectors:
        """The vectors of products' texts, in order; at most 256 texts."""
        ...

    async def probe(self, timeout_s: float) -> Probe: ...


class EmbedderClient:
    """The embedder over HTTP."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def embed_query(self, text: str, deadline: Deadline) -> WireVectors:
        return await self._embed([text], "query", deadline)

    async def embed_documents(self, texts: Sequence[str], deadline: Deadline) -> WireVectors:
        return await self._embed(texts, "document", deadline)

    async def _embed(self, texts: Sequence[str], kind: TextKind, deadline: Deadline) -> WireVectors:
        answer = await self._service.post("/embed", orjson.dumps({"texts": texts, "kind": kind}), deadline)
        vectors = answer.get("vectors") if isinstance(answer, dict) else None
        if not isinstance(vectors, dict) or vectors.get("count") != len(texts):
            wanted = "one vector" if len(texts) == 1 else f"{len(texts)} vectors"
            raise UpstreamUnavailable(
                f"expected {wanted} from the embedder, found another answer; run the same release of all services"
            )
        return vectors

    async def probe(self, timeout_s: float) -> Probe:
        return await self._service.probe(timeout_s)
