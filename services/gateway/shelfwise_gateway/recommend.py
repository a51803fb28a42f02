"""A recommendation, from top to bottom."""

import orjson
from prometheus_client import Counter

from shelfwise.app.metrics import Metrics
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.deadline import Deadline
from shelfwise.errors import ShelfwiseError
from shelfwise_gateway import answer, shoppers
from shelfwise_gateway.asking import question_of
from shelfwise_gateway.degrade import Degradation, is_loss, nothing_left
from shelfwise_gateway.flow import Flow
from shelfwise_gateway.last_good import Held, LastGood, key_of
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.scenarios import Scenarios
from shelfwise_gateway.timings import StageMetrics, Timings
from shelfwise_gateway.trending import TrendingHeld
from shelfwise_gateway.upstreams import Upstreams

_OWN = frozenset({"own", "viewed"})
"""Sources that find nothing but what the shopper touched."""


class Recommender:
    """Answers questions with the services behind; holds nothing but past answers and what is trending."""

    def __init__(
        self,
        upstreams: Upstreams,
        scenarios: Scenarios,
        last_good: LastGood,
        trending: TrendingHeld,
        metrics: Metrics,
        stages: StageMetrics,
    ) -> None:
        self._upstreams = upstreams
        self._scenarios = scenarios
        self._last_good = last_good
        self._trending = trending
        self._degraded = metrics.degraded
        self._stages = stages
        asked = Counter(
            "shelfwise_recommendations", "Questions understood, by scenario.", ["scenario"], registry=metrics.registry
        )
        self._asked = {name: asked.labels(name) for name in scenarios.named}

    async def recommend(self, request: RecommendRequest, deadline: Deadline) -> bytes:
        """The answer, a `RecommendResponse` in JSON.

        Raises:
            InvalidRequest: there is no such scenario, it lacks what it needs, or the retriever refuses the question.
            UnknownProduct: the retriever says so.
            Unavailable, DeadlineExceeded, Overloaded: the retriever is out and nothing is held to answer with.
        """
        name, scenario = self._scenarios.choose(request)
        self._asked[name].inc()
        question = question_of(request, scenario, exclude=request.exclude)
        flow = Flow(
            self._upstreams,
            request,
            question,
            scenario,
            request.top_k or scenario.top_k,
            deadline,
            Degradation(self._degraded),
            Timings(self._stages),
        )
        try:
            await flow.understand()
            best = await flow.best()
        except ShelfwiseError as error:
            if not is_loss(error):
                raise
            return self._earlier(key_of(name, question, request), name, scenario, flow, error)
        items = best.items()
        items_json = orjson.dumps(items)
        if items and not flow.degradation.steps:
            self._last_good.remember(key_of(name, question, request), best.candidates.bundle, items_json, request.user_id)
        return answer.body(
            items,
            items_json,
            scenario=name,
            bundle=best.candidates.bundle,
            degraded=flow.degradation.steps,
            timings_ms=flow.timings.as_ms(),
            corrected_query=flow.corrected,
            why_fewer=answer.why_fewer(
                best.shown,
                flow.top_k,
                best.candidates,
                shoppers.why_nothing(flow.question.history, scenario),
                own=scenario.sources is not None and _OWN.issuperset(scenario.sources),
            ),
            **({"unknown": best.candidates.unknown} if best.candidates.unknown else {}),
        )

    def _earlier(self, key: bytes, name: str, scenario: Scenario, flow: Flow, error: ShelfwiseError) -> bytes:
        held = self._last_good.answer(key) or self._stand_in(scenario, flow)
        found = [item for item in held.items if item["product_id"] not in flow.hidden][: flow.top_k]
        if not found:
            raise nothing_left(error) from error
        flow.degradation.take("last_good", error)
        items = [{**item, "rank": rank} for rank, item in enumerate(found, start=1)]
        return answer.body(
            items,
            orjson.dumps(items),
            scenario=name,
            bundle=held.bundle,
            degraded=flow.degradation.steps,
            timings_ms=flow.timings.as_ms(),
            why_fewer="only what is held from before can be shown now" if len(items) < flow.top_k else None,
        )

    def _stand_in(self, scenario: Scenario, flow: Flow) -> Held:
        """What is trending; nothing where it would pass for the shopper's own products."""
        if scenario.shopper == "essential":
            return Held("", [])
        conditions = flow.question.filter
        return self._trending.answer(None if conditions is None else Filter.model_validate(conditions))
