"""A recommendation, from request to answer."""

from collections.abc import Collection
from itertools import islice
from typing import Any

import orjson
from prometheus_client import Counter

from shelfwise.app.metrics import Metrics
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.recommend import RecommendRequest
from shelfwise.deadline import Deadline
from shelfwise.errors import ShelfwiseError
from shelfwise_gateway import answer, shoppers, titles
from shelfwise_gateway.asking import question_of
from shelfwise_gateway.degrade import Degradation, is_loss, nothing_left
from shelfwise_gateway.flow import Flow, Round
from shelfwise_gateway.last_good import Good, Held, Item, LastGood, key_of
from shelfwise_gateway.missing_pins import MissingPins
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.scenarios import Chosen, Scenarios
from shelfwise_gateway.synonyms import Synonyms
from shelfwise_gateway.timings import StageMetrics, Timings
from shelfwise_gateway.trending import TrendingHeld
from shelfwise_gateway.upstreams import Upstreams
from shelfwise_gateway.weak import NOTHING_ALLOWED_FITS, NOTHING_FITS

_OWN = frozenset({"own", "viewed"})
"""Sources that find only products that the shopper touched."""


class Recommender:
    """Answers questions with the services behind; holds only past answers and trending products."""

    def __init__(
        self,
        upstreams: Upstreams,
        scenarios: Scenarios,
        last_good: LastGood,
        trending: TrendingHeld,
        metrics: Metrics,
        stages: StageMetrics,
        synonyms: Synonyms,
    ) -> None:
        self._upstreams = upstreams
        self._last_good = last_good
        self._trending = trending
        self._degraded = metrics.degraded
        self._stages = stages
        self._synonyms = synonyms
        asked = Counter("shelfwise_recommendations", "Valid requests, by scenario.", ["scenario"], registry=metrics.registry)
        self.missing_pins = MissingPins(metrics.registry)
        self._asked = {name: asked.labels(name) for name in scenarios.named}

    async def recommend(self, request: RecommendRequest, chosen: Chosen, deadline: Deadline) -> bytes:
        """The answer, a `RecommendResponse` in JSON. `chosen`: the result of `Scenarios.choose` for the request.

        Raises:
            InvalidRequest: the retriever refuses the question.
            UnknownProduct: the retriever does not know the product.
            Unavailable, DeadlineExceeded, Overloaded: the retriever is out and nothing is held to answer with.
        """
        name, scenario = chosen.name, chosen.scenario
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
            self._synonyms,
        )
        key = key_of(name, question, request)
        try:
            await flow.understand()
            best = await flow.best()
        except ShelfwiseError as error:
            if not is_loss(error):
                raise
            return self._earlier(key, name, scenario, flow, error)
        if flow.pins:
            self.missing_pins.note(name, flow.pins)
        items = [] if best.weak and scenario.when_weak == "empty" else best.items()
        items_json = orjson.dumps(items)
        said = _said(flow, best)
        if items and not flow.degradation.steps:
            worth = len(items), request.explain
            good = Good(best.candidates.bundle, items_json, worth, request.user_id, orjson.dumps(said))
            self._last_good.remember(key, good)
        return answer.body(
            items,
            items_json,
            scenario=name,
            bundle=best.candidates.bundle,
            degraded=flow.degradation.steps,
            timings_ms=flow.timings.as_ms(),
            why_fewer=_why_fewer(flow, best, scenario) if items or not best.weak else _why_weak(flow),
            **said,
        )

    def _earlier(self, key: bytes, name: str, scenario: Scenario, flow: Flow, error: ShelfwiseError) -> bytes:
        """The last good answer to the same question, filled up with trending products; `error`: why there is no new answer.

        Raises:
            ShelfwiseError: neither is available.
        """
        stand_in = self._stand_in(scenario, flow)
        held = self._last_good.answer(key) or stand_in
        found = _first(flow.top_k, held.items, stand_in.items, flow.hidden)
        if not found:
            raise nothing_left(error) from error
        flow.degradation.take("last_good", error)
        items = [{**item, "rank": rank} for rank, item in enumerate(found, start=1)]
        if not flow.explains:
            for item in items:
                item.pop("reason", None)
        return answer.body(
            items,
            orjson.dumps(items),
            scenario=name,
            bundle=held.bundle,
            degraded=flow.degradation.steps,
            timings_ms=flow.timings.as_ms(),
            why_fewer="only stored answers can be shown now" if len(items) < flow.top_k else None,
            **held.said,
        )

    def _stand_in(self, scenario: Scenario, flow: Flow) -> Held:
        """The trending products; empty if they would pass for the shopper's own products."""
        if scenario.shopper == "essential":
            return Held("", [])
        conditions = flow.question.filter
        return self._trending.answer(None if conditions is None else Filter.model_validate(conditions))


def _said(flow: Flow, best: Round) -> dict[str, Any]:
    """The answer's fields besides its items that hold whenever the same is asked; those that do not apply are absent."""
    said: dict[str, Any] = {}
    if best.candidates.unknown:
        said["unknown"] = best.candidates.unknown
    if flow.corrected is not None:
        said["corrected_query"] = flow.corrected
    if flow.question.also:
        said["also_searched"] = flow.question.also
    if best.weak:
        said["weak"] = True
    return said


def _why_weak(flow: Flow) -> str:
    return NOTHING_FITS if flow.question.filter is None else NOTHING_ALLOWED_FITS


def _why_fewer(flow: Flow, best: Round, scenario: Scenario) -> str | None:
    unknown_shopper = shoppers.why_nothing(flow.question.history, scenario)
    own = scenario.sources is not None and _OWN.issuperset(scenario.sources)
    return answer.why_fewer(best.shown, flow.top_k, best.candidates, unknown_shopper, own=own)


def _first(count: int, held: list[Item], more: list[Item], hidden: Collection[str]) -> list[Item]:
    """`count` of the `held` items that are not `hidden`; then items of `more` that are not the same product as a held one."""
    found = [item for item in held if item["product_id"] not in hidden][:count]
    ids = {item["product_id"] for item in found}.union(hidden)
    names = {key for item in found for key in titles.words(item["name"])}
    rest = (item for item in more if item["product_id"] not in ids and names.isdisjoint(titles.words(item["name"])))
    return [*found, *islice(rest, count - len(found))]
