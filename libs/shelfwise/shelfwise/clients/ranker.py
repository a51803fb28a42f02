"""The ranker, as its callers use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from shelfwise.clients.candidates import Candidates
from shelfwise.clients.http import Probe, ServiceClient
from shelfwise.clients.question import Question
from shelfwise.deadline import Deadline
from shelfwise.errors import UpstreamUnavailable


@dataclass(frozen=True, slots=True)
class Ranking:
    """`contracts.rank.RankResponse` without reasons: `scores` in the order of the candidates, higher is better."""

    bundle: str
    scores: list[float]
    coverage: float | None = None


Reasons = dict[str, dict[str, Any]]
"""`contracts.reason.Reason` as JSON, by product id."""


class Ranker(Protocol):
    """Scores candidates."""

    async def rank(self, question: Question, candidates: Candidates, deadline: Deadline) -> Ranking:
        """A score for each candidate."""
        ...

    async def explain(self, question: Question, candidates: Candidates, ids: Sequence[str], deadline: Deadline) -> Reasons:
        """Why the candidates with these `ids` have the rank that `rank` gives them."""
        ...

    async def history(self, user_id: str | None, session_id: str | None, deadline: Deadline) -> dict[str, Any]:
        """The shopper's history so far, `contracts.history.History` as JSON; empty for an unknown shopper."""
        ...

    async def probe(self, timeout_s: float) -> Probe: ...


class RankerClient:
    """The ranker over HTTP."""

    def __init__(
        self, service: ServiceClient, shoppers: ServiceClient | None = None, reasons: ServiceClient | None = None
    ) -> None:
        """`shoppers`: another client of the same replicas, for calls that need their database; `reasons`: another one for
        explanations. Both have their own breakers, so that neither a lost database nor late reasons affect ranking."""
        self._service = service
        self._shoppers = shoppers or service
        self._reasons = reasons or service

    async def rank(self, question: Question, candidates: Candidates, deadline: Deadline) -> Ranking:
        answer = await self._service.post("/rank", orjson.dumps(_body(question, candidates)), deadline)
        scores = answer.get("scores") if isinstance(answer, dict) else None
        expected = len(candidates.ids)
        if not isinstance(scores, list) or len(scores) != expected or None in scores:
            found = f"{len(scores)} with gaps" if isinstance(scores, list) else "none"
            raise UpstreamUnavailable(
                f"expected {expected} scores from the ranker, found {found}; run the same release of all services"
            )
        return Ranking(answer.get("bundle", ""), scores, answer.get("coverage"))

    async def explain(self, question: Question, candidates: Candidates, ids: Sequence[str], deadline: Deadline) -> Reasons:
        body = _body(question, candidates) | {"explain_ids": ids}
        answer = await self._reasons.post("/rank", orjson.dumps(body), deadline)
        reasons = answer.get("reasons") if isinstance(answer, dict) else None
        if not isinstance(reasons, dict) or not reasons.keys() >= set(ids):
            raise UpstreamUnavailable(
                f"expected {len(ids)} reasons from the ranker, found fewer; run the same release of all services"
            )
        return reasons

    async def history(self, user_id: str | None, session_id: str | None, deadline: Deadline) -> dict[str, Any]:
        answer = await self._shoppers.post("/context", orjson.dumps({"user_id": user_id, "session_id": session_id}), deadline)
        history = answer.get("history") if isinstance(answer, dict) else None
        if not isinstance(history, dict):
            raise UpstreamUnavailable("expected a history from the ranker, found none; run the same release of all services")
        return history

    async def probe(self, timeout_s: float) -> Probe:
        return await self._service.probe(timeout_s)


def _body(question: Question, candidates: Candidates) -> dict[str, Any]:
    """`contracts.rank.RankRequest`, without the fields for explanations."""
    return {
        "kind": question.kind,
        "text": question.looked_for,
        "seeds": question.seeds,
        "history": question.history,
        "ids": candidates.ids,
        "listed": question.only is not None,
        "scores": candidates.scores,
        "dense_by_chance": candidates.dense_by_chance,
    }
