"""The embedder, as its callers see it."""

from typing import Any, Protocol

import orjson

from shelfwise.clients.http import Probe, ServiceClient
from shelfwise.deadline import Deadline
from shelfwise.errors import UpstreamUnavailable

WireVectors = dict[str, Any]
"""`contracts.vectors.EncodedVectors` as parsed JSON: handed on as it came, never opened."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    async def embed_query(self, text: str, deadline: Deadline) -> WireVectors:
        """The one vector of a query's text."""
        ...

    async def probe(self, timeout_s: float) -> Probe: ...


class EmbedderClient:
    """The embedder over HTTP."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def embed_query(self, text: str, deadline: Deadline) -> WireVectors:
        answer = await self._service.post("/embed", orjson.dumps({"texts": [text], "kind": "query"}), deadline)
        vectors = answer.get("vectors") if isinstance(answer, dict) else None
        if not isinstance(vectors, dict) or vectors.get("count") != 1:
            raise UpstreamUnavailable("expected one vector from the embedder, found another answer; use one release everywhere")
        return vectors

    async def probe(self, timeout_s: float) -> Probe:
        return await self._service.probe(timeout_s)
