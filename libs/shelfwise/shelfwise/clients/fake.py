"""Small stand-ins for the three services, for tests and for running the gateway alone. Their responses are predictable:

- the embedder's vector of a text is its length and its number of words;
- the retriever finds a product for a text if its title has a word of it (`lexical`), for seeds if its categories share one with
  theirs (`lexical`, for carts `together`), for a shopper if it was bought (`own`) or viewed (`viewed`); `trending` are the
  products that come first in the catalog;
- it ignores the unknown products of a cart, unless all are unknown;
- it takes a text in `corrections` for misspelt; a product whose id equals the text comes first;
- the ranker scores a candidate by the sum of its sources' scores.

If `fault` is set, the service fails with it; if `delay_s` is set, it answers late, or not at all within a shorter deadline.
"""

import asyncio
import base64
import struct
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from shelfwise.clients.candidates import Candidates
from shelfwise.clients.embedder import WireVectors
from shelfwise.clients.http import Probe
from shelfwise.clients.question import Question
from shelfwise.clients.ranker import Ranking, Reasons
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.history import COLUMNS
from shelfwise.deadline import Deadline
from shelfwise.errors import DeadlineExceeded, ShelfwiseError, UnknownProduct

BUNDLE = "fake-1"


class _Fake:
    """The common base of the three: they can fail, be slow, and count their calls."""

    def __init__(self) -> None:
        self.fault: ShelfwiseError | None = None
        self.delay_s = 0.0
        self.calls = 0

    async def _serve(self, deadline: Deadline) -> None:
        self.calls += 1
        late = self.delay_s > deadline.remaining_s
        if self.delay_s:
            await asyncio.sleep(max(0.0, min(self.delay_s, deadline.remaining_s)))
        if late:
            raise DeadlineExceeded(f"the {type(self).__name__} takes {self.delay_s * 1000:.0f} ms")
        if self.fault is not None:
            raise self.fault

    async def probe(self, timeout_s: float) -> Probe:
        if self.fault is not None:
            return Probe(False, None, self.fault.message)
        return Probe(True, BUNDLE, None)


class FakeEmbedder(_Fake):
    async def embed_query(self, text: str, deadline: Deadline) -> WireVectors:
        return await self.embed_documents([text], deadline)

    async def embed_documents(self, texts: Sequence[str], deadline: Deadline) -> WireVectors:
        await self._serve(deadline)
        vectors = b"".join(struct.pack("<2f", float(len(text)), float(len(text.split()))) for text in texts)
        space = {"model": "fake", "dimension": 2, "normalized": False}
        return {"space": space, "count": len(texts), "base64": base64.b64encode(vectors).decode()}


class FakeRetriever(_Fake):
    """Holds `products`, each a `contracts.product.Product` in JSON; remembers the questions it was asked."""

    def __init__(self, products: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self.products = {product["product_id"]: product for product in products}
        self.vector_fault: ShelfwiseError | None = None
        self.asked: list[Question] = []
        self.limits: list[int] = []
        self.corrections: dict[str, str] = {}
        self.dense_by_chance: float | None = None
        self.seq = 0

    async def retrieve(self, question: Question, vector: WireVectors | None, limit: int, deadline: Deadline) -> Candidates:
        await self._serve(deadline)
        if vector is not None and self.vector_fault is not None:
            raise self.vector_fault
        self.asked.append(question)
        self.limits.append(limit)
        if question.correct and question.text in self.corrections and question.text not in self.products:
            return Candidates(BUNDLE, [], [], {}, [], None, corrected=self.corrections[question.text])
        allowed = self._allowed(question)
        found = {
            source: dict(sorted(((key, scores[key]) for key in allowed if scores.get(key)), key=lambda hit: -hit[1])[:limit])
            for source, scores in self._scores(question).items()
            if question.sources is None or source in question.sources
        }
        totals = {key: sum(scores.get(key, 0.0) for scores in found.values()) for key in allowed}
        named = question.text if question.text in allowed else None
        ids = [key for key in allowed if question.only is not None or totals[key] or key == named]
        ids.sort(key=lambda key: (key != named, -totals[key]))
        columns: dict[str, list[float | None]] = {source: [scores.get(key) for key in ids] for source, scores in found.items()}
        if vector is not None:
            columns["dense"] = [1 / (1 + place) if place % 2 == 0 else None for place in range(len(ids))]
        return Candidates(
            BUNDLE,
            ids,
            [totals[key] for key in ids],
            columns,
            [self.products[key] for key in ids],
            None,
            [key for key in (question.seeds if question.only is None else question.only) if key not in self.products],
            left_out=[self.products[key] for key in self._left_out(question) if key in self.products],
            dense_by_chance=self.dense_by_chance if vector is not None else None,
            named=named,
        )

    async def product(self, product_id: str, deadline: Deadline) -> dict[str, Any]:
        await self._serve(deadline)
        return self._known(product_id)

    async def write(self, method: str, product_id: str, body: bytes | None, deadline: Deadline) -> dict[str, Any]:
        await self._serve(deadline)
        given = orjson.loads(body) if body else {}
        if method == "PUT":
            self.products[product_id] = {**given, "product_id": product_id}
        else:
            self._known(product_id)
        if method == "PATCH":
            self.products[product_id] = {**self.products[product_id], **given}
        if method == "DELETE":
            del self.products[product_id]
        self.seq += 1
        return {"product_id": product_id, "result": "deleted" if method == "DELETE" else "kept", "seq": self.seq}

    async def write_many(self, lines: AsyncIterator[bytes], deadline: Deadline) -> bytes:
        raw = b"".join([part async for part in lines])
        await self._serve(deadline)
        for line in raw.splitlines():
            product = orjson.loads(line)
            await self.write("PUT", product["product_id"], line, deadline)
        return orjson.dumps({"summary": {"lines": raw.count(b"\n") + 1, "seq": self.seq}})

    async def changes(self, deadline: Deadline) -> list[dict[str, Any]]:
        await self._serve(deadline)
        return [{"applied": self.seq, "replicas": 1}, {"applied": max(0, self.seq - 1), "replicas": 1, "problem": "behind"}]

    def _left_out(self, question: Question) -> list[str]:
        touched = question.history["products"] if question.history is not None else []
        return [*question.seeds, *(key for key in touched if key in question.exclude)]

    def _allowed(self, question: Question) -> list[str]:
        hidden = {*question.exclude, *question.seeds}
        wanted = Filter.model_validate(question.filter or {})
        listed = self.products.keys() if question.only is None else set(question.only)
        return [
            key for key, product in self.products.items() if key in listed and key not in hidden and wanted.holds_for(product)
        ]

    def _scores(self, question: Question) -> dict[str, dict[str, float]]:
        if question.kind == "user":
            history = question.history or NO_HISTORY
            ages = zip(history["products"], history["views"], history["last_s"], strict=True)
            return {
                "own": dict(zip(history["products"], map(float, history["purchases"]), strict=True)),
                "viewed": {product: 1 / (1 + age_s) for product, views, age_s in ages if views},
                "trending": {product: 1 / (1 + place) for place, product in enumerate(self.products)},
            }
        source = "together" if question.kind == "together" else "lexical"
        return {source: {key: self._match(question, product) for key, product in self.products.items()}}

    def _match(self, question: Question, product: dict[str, Any]) -> float:
        if (text := question.looked_for) is not None:
            words = set(text.casefold().split())
            return float(len(words & set(product["title"].casefold().split())))
        some = question.kind == "together" and not self.products.keys().isdisjoint(question.seeds)
        seeds = [self._known(seed) for seed in question.seeds if not some or seed in self.products]
        return float(sum(len({*seed.get("category", ())} & {*product.get("category", ())}) for seed in seeds))

    def _known(self, product_id: str) -> dict[str, Any]:
        if product_id not in self.products:
            raise UnknownProduct(f"expected the id of a product in the catalog, found {product_id!r}")
        return self.products[product_id]


NO_HISTORY: dict[str, Any] = {**{column: [] for column in COLUMNS}, "orders": 0}


class FakeRanker(_Fake):
    """Knows the histories in `histories`, by user or session. `history_fault` fails only these, `explain_fault` only
    reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Question] = []
        self.histories: dict[str, dict[str, Any]] = {}
        self.explained: list[list[str]] = []
        self.explain_fault: ShelfwiseError | None = None
        self.coverage: float | None = None
        self.history_fault: ShelfwiseError | None = None

    async def history(self, user_id: str | None, session_id: str | None, deadline: Deadline) -> dict[str, Any]:
        await self._serve(deadline)
        if self.history_fault is not None:
            raise self.history_fault
        return self.histories.get(user_id or "") or self.histories.get(session_id or "") or NO_HISTORY

    async def rank(self, question: Question, candidates: Candidates, deadline: Deadline) -> Ranking:
        await self._serve(deadline)
        self.asked.append(question)
        return Ranking(BUNDLE, _sums(candidates), self.coverage)

    async def explain(self, question: Question, candidates: Candidates, ids: Sequence[str], deadline: Deadline) -> Reasons:
        await self._serve(deadline)
        self.explained.append(list(ids))
        if self.explain_fault is not None:
            raise self.explain_fault
        sentence = f"matches {question.looked_for or question.seeds or 'the shopper'}"
        scores = dict(zip(candidates.ids, _sums(candidates), strict=True))
        return {key: {"sentence": sentence, "base": 0.0, "contributions": {"source_sum": scores[key]}} for key in ids}


def _sums(candidates: Candidates) -> list[float]:
    return [sum(score or 0.0 for score in row) for row in zip(*candidates.scores.values(), strict=True)]
