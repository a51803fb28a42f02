"""The flow of one recommendation, from top to bottom."""

from dataclasses import dataclass
from typing import Any

import orjson

from shelfwise.app.metrics import Metrics
from shelfwise.clients import Candidates, Question
from shelfwise.clients.embedder import WireVectors
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.deadline import Deadline
from shelfwise.errors import ForeignVector, ShelfwiseError
from shelfwise_gateway import answer
from shelfwise_gateway.degrade import EMBEDDER_SHARE, LAST_STEP_SHARE, Degradation, is_loss, nothing_left, part_of
from shelfwise_gateway.last_good import LastGood
from shelfwise_gateway.ordering import Shown, order
from shelfwise_gateway.scenarios import Scenario, Scenarios
from shelfwise_gateway.timings import StageMetrics, Timings
from shelfwise_gateway.upstreams import Upstreams

WIDEST = 500
"""Candidates asked of each source when the first lot was mostly variants of few products."""


@dataclass(frozen=True, slots=True)
class Round:
    """Retrieved, ranked and ordered once."""

    candidates: Candidates
    scores: list[float]
    reasons: dict[str, Any]
    shown: Shown


class Recommender:
    """Answers questions with the services behind; holds nothing but past answers."""

    def __init__(self, upstreams: Upstreams, scenarios: Scenarios, last_good: LastGood, metrics: Metrics) -> None:
        self._upstreams = upstreams
        self._scenarios = scenarios
        self._last_good = last_good
        self._degraded = metrics.degraded
        self._stages = StageMetrics(metrics)

    async def recommend(self, request: RecommendRequest, deadline: Deadline) -> bytes:
        """The answer, a `RecommendResponse` in JSON.

        Raises:
            UnknownProduct, InvalidRequest: the retriever says so.
            Unavailable, DeadlineExceeded, Overloaded: the retriever is out and nothing is held to answer with.
        """
        name, scenario = self._scenarios.infer(request)
        flow = _Flow(self._upstreams, request, scenario, deadline, Degradation(self._degraded), Timings(self._stages))
        try:
            await flow.embed()
            best = await flow.round(scenario.candidates)
            if flow.should_widen(best):
                best = await flow.widened(best)
        except ShelfwiseError as error:
            if not is_loss(error):
                raise
            return self._earlier(flow, name, error)
        items = answer.items_of(best.shown, best.candidates, best.scores, best.reasons)
        items_json = orjson.dumps(items)
        if not flow.degradation.steps:
            self._last_good.remember(flow.question, best.candidates.bundle, items, items_json)
        return answer.body(
            items,
            items_json,
            scenario=name,
            bundle=best.candidates.bundle,
            degraded=flow.degradation.steps,
            why_fewer=answer.why_fewer(best.shown, request.top_k, best.candidates),
            timings_ms=flow.timings.as_ms(),
        )

    def _earlier(self, flow: "_Flow", scenario: str, error: ShelfwiseError) -> bytes:
        filtered = flow.request.filter is not None
        held = self._last_good.answer(flow.question, flow.hidden, flow.request.top_k, filtered=filtered)
        if held is None:
            raise nothing_left(error) from error
        flow.degradation.take("last_good", error)
        items = [{**item, "rank": rank} for rank, item in enumerate(held.items, start=1)]
        return answer.body(
            items,
            orjson.dumps(items),
            scenario=scenario,
            bundle=held.bundle,
            degraded=flow.degradation.steps,
            why_fewer="only what was answered before can be shown now" if len(items) < flow.request.top_k else None,
            timings_ms=flow.timings.as_ms(),
        )


class _Flow:
    """One request on its way."""

    def __init__(
        self,
        upstreams: Upstreams,
        request: RecommendRequest,
        scenario: Scenario,
        deadline: Deadline,
        degradation: Degradation,
        timings: Timings,
    ) -> None:
        self._upstreams = upstreams
        self._scenario = scenario
        self._deadline = deadline
        self._vector: WireVectors | None = None
        self.request = request
        self.degradation = degradation
        self.timings = timings
        seeds = [request.product_id] if request.product_id is not None else []
        self.question = Question(
            kind=scenario.question,
            text=request.product_name,
            seeds=seeds,
            filter=scenario.conditions(request.filter),
            exclude=request.exclude,
            per_text=scenario.per_text,
        )
        self.hidden = {*seeds, *request.exclude}

    async def embed(self) -> None:
        """The text's vector; without it the text is looked up by its words."""
        if self.question.text is None:
            return
        try:
            with self.timings.stage("embed"):
                self._vector = await self._upstreams.embedder.embed_query(
                    self.question.text, part_of(self._deadline, EMBEDDER_SHARE)
                )
        except ShelfwiseError as error:
            self.degradation.take("without_embedder", error)

    async def round(self, limit: int) -> Round:
        candidates = await self._retrieve(limit)
        scores, reasons = await self._rank(candidates)
        return Round(candidates, scores, reasons, order(candidates, scores, self._scenario, self.request.top_k, self.hidden))

    def should_widen(self, first: Round) -> bool:
        """Variants left the answer short, there are more candidates, and the time for a second, larger round."""
        return (
            len(first.shown.rows) < self.request.top_k
            and first.shown.variants > 0
            and first.candidates.full(self._scenario.candidates)
            and self._scenario.candidates < WIDEST
            and self._deadline.remaining_s > 3 * self.timings.elapsed_s
        )

    async def widened(self, first: Round) -> Round:
        """A round over many more candidates; the first one when that fails."""
        try:
            return await self.round(WIDEST)
        except ShelfwiseError:
            return first

    async def _retrieve(self, limit: int) -> Candidates:
        within = part_of(self._deadline, 1 - LAST_STEP_SHARE)
        retriever = self._upstreams.retriever
        with self.timings.stage("retrieve"):
            try:
                return await retriever.retrieve(self.question, self._vector, limit, within)
            except ForeignVector as error:
                # For the moments in which the embedder and the retriever serve bundles with different encoders.
                self.degradation.take("without_embedder", error)
                self._vector = None
                return await retriever.retrieve(self.question, None, limit, within)

    async def _rank(self, candidates: Candidates) -> tuple[list[float], dict[str, Any]]:
        """Scores and reasons; the retriever's order, without reasons, when there is no ranker."""
        if not candidates.ids:
            return [], {}
        # Variants among the best are not shown, so reasons are asked for more than will be.
        explain = min(100, 2 * self.request.top_k + 10) if self.request.explain else 0
        try:
            with self.timings.stage("rank"):
                ranking = await self._upstreams.ranker.rank(
                    self.question, candidates, explain, part_of(self._deadline, 1 - LAST_STEP_SHARE)
                )
        except ShelfwiseError as error:
            self.degradation.take("without_ranker", error)
            return candidates.order, {}
        return ranking.scores, ranking.reasons
