"""The retriever, as its callers use it."""

from collections.abc import AsyncIterator
from typing import Any, Protocol
from urllib.parse import quote

import orjson

from shelfwise.clients.candidates import Candidates
from shelfwise.clients.embedder import WireVectors
from shelfwise.clients.http import Probe, ServiceClient
from shelfwise.clients.question import Question
from shelfwise.contracts.product_lines import read
from shelfwise.deadline import Deadline
from shelfwise.errors import UpstreamUnavailable


class Retriever(Protocol):
    """Finds candidates."""

    async def retrieve(self, question: Question, vector: WireVectors | None, limit: int, deadline: Deadline) -> Candidates:
        """At most `limit` candidates of each source; a text without `vector` is searched by its words alone."""
        ...

    async def product(self, product_id: str, deadline: Deadline) -> dict[str, Any]:
        """The shop's data of one product; raises `UnknownProduct`."""
        ...

    async def write(self, method: str, product_id: str, body: bytes | None, deadline: Deadline) -> dict[str, Any]:
        """PUT, PATCH or DELETE one product; returns `contracts.product_write.ProductWritten`. The body is the caller's own
        JSON."""
        ...

    async def write_many(self, lines: AsyncIterator[bytes], deadline: Deadline) -> bytes:
        """Products in NDJSON, passed on as they arrive; returns the report, a `LineReport` per line and the summary."""
        ...

    async def changes(self, deadline: Deadline) -> list[dict[str, Any]]:
        """How far each replica has applied the catalog's log: `contracts.product_write.AppliedChanges`."""
        ...

    async def probe(self, timeout_s: float) -> Probe: ...


class RetrieverClient:
    """The retriever over HTTP."""

    def __init__(self, service: ServiceClient, writing: ServiceClient | None = None) -> None:
        """`writing`: another client of the same replicas, for product writes. It has its own breakers, so that a lost database
        does not affect retrieval."""
        self._service = service
        self._writing = writing or service

    async def retrieve(self, question: Question, vector: WireVectors | None, limit: int, deadline: Deadline) -> Candidates:
        body = {
            "kind": question.kind,
            "text": question.text,
            "also": question.also,
            "as_meant": question.as_meant,
            "correct": question.correct,
            "vector": vector,
            "seeds": question.seeds,
            "history": question.history,
            "sources": question.sources,
            "only": question.only,
            "filter": question.filter,
            "exclude": question.exclude,
            "limit": limit,
            "per_text": question.per_text,
        }
        return _candidates(await self._service.post("/retrieve", orjson.dumps(body), deadline, read))

    async def product(self, product_id: str, deadline: Deadline) -> dict[str, Any]:
        answer = await self._service.get(f"/products/{quote(product_id, safe='')}", deadline)
        if not isinstance(answer, dict):
            raise UpstreamUnavailable(f"expected a product from the retriever, found {type(answer).__name__}")
        return answer

    async def write(self, method: str, product_id: str, body: bytes | None, deadline: Deadline) -> dict[str, Any]:
        # A write may be carried out twice without harm, so it is repeated like any other request; but a product that was
        # deleted before the connection broke is unknown the second time, and only the caller knows that there was a first.
        path = f"/products/{quote(product_id, safe='')}"
        answer = await self._writing.ask(method, path, body, deadline, again=method != "DELETE")
        if not isinstance(answer, dict):
            raise UpstreamUnavailable(f"expected a report from the retriever, found {type(answer).__name__}")
        return answer

    async def write_many(self, lines: AsyncIterator[bytes], deadline: Deadline) -> bytes:
        return await self._writing.stream("/products:bulk", lines, deadline)

    async def changes(self, deadline: Deadline) -> list[dict[str, Any]]:
        return await self._service.ask_all("/changes", deadline)

    async def probe(self, timeout_s: float) -> Probe:
        return await self._service.probe(timeout_s)


def _candidates(answer: Any) -> Candidates:
    """The response of our own service is trusted field by field; only what would be read past its end is checked."""
    try:
        candidates = Candidates(
            bundle=answer["bundle"],
            ids=answer["ids"],
            order=answer["order"],
            scores=answer["scores"],
            products=answer["products"],
            why_fewer=answer.get("why_fewer"),
            unknown=answer.get("unknown") or [],
            corrected=answer.get("corrected"),
            left_out=answer.get("left_out") or [],
            dense_by_chance=answer.get("dense_by_chance"),
            named=answer.get("named"),
        )
        count = len(candidates.ids)
        lengths = {count, len(candidates.order), len(candidates.products), *map(len, candidates.scores.values())}
    except (AttributeError, KeyError, TypeError) as error:
        raise UpstreamUnavailable(f"expected candidates from the retriever, found another answer: {error!r}") from error
    if len(lengths) > 1:
        raise UpstreamUnavailable(f"expected columns of {count} candidates from the retriever, found lengths {sorted(lengths)}")
    return candidates
