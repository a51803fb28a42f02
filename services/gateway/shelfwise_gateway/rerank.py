"""Puts a caller's own list in the best order."""

import orjson

from shelfwise.app.metrics import Metrics
from shelfwise.clients import Candidates
from shelfwise.contracts.rerank import RerankRequest
from shelfwise.contracts.retrieve import QUESTION_KINDS
from shelfwise.deadline import Deadline
from shelfwise.errors import ShelfwiseError
from shelfwise_gateway import answer
from shelfwise_gateway.asking import question_of
from shelfwise_gateway.degrade import Degradation, is_loss, nothing_left
from shelfwise_gateway.flow import Flow
from shelfwise_gateway.ordering import Shown
from shelfwise_gateway.scenario import Sameness, Scenario
from shelfwise_gateway.scenarios import KIND_OF
from shelfwise_gateway.synonyms import Synonyms
from shelfwise_gateway.timings import StageMetrics, Timings
from shelfwise_gateway.upstreams import Upstreams

_VARIANTS: frozenset[Sameness] = frozenset({"title", "size", "variant_group"})


class Reranker:
    """Answers with the services behind; holds no state."""

    def __init__(self, upstreams: Upstreams, metrics: Metrics, stages: StageMetrics, synonyms: Synonyms) -> None:
        self._upstreams = upstreams
        self._degraded = metrics.degraded
        self._stages = stages
        self._synonyms = synonyms
        self._plain = {kind: Scenario(question=kind) for kind in QUESTION_KINDS}
        self._collapsed = {kind: Scenario(question=kind, collapse=_VARIANTS) for kind in QUESTION_KINDS}

    async def rerank(self, request: RerankRequest, deadline: Deadline) -> bytes:
        """The answer, a `RerankResponse` in JSON. Equal scores keep the retriever's order.

        Raises:
            UnknownProduct: product_id or a product of cart is not in the catalog. (Unknown candidates are part of the answer.)
            InvalidRequest: the retriever refuses the filter.
            Unavailable, DeadlineExceeded, Overloaded: the retriever is out; the caller has the list in its own order.
        """
        listed = list(dict.fromkeys(request.candidates))
        kind = KIND_OF[request.subjects[0]] if request.subjects else "user"
        scenario = (self._collapsed if request.collapse else self._plain)[kind]
        flow = Flow(
            self._upstreams,
            request,
            question_of(request, scenario, only=listed),
            scenario,
            request.top_k or len(listed),
            deadline,
            Degradation(self._degraded),
            Timings(self._stages),
            self._synonyms,
        )
        try:
            await flow.understand()
            best = await flow.best()
        except ShelfwiseError as error:
            raise (nothing_left(error) if is_loss(error) else error) from error
        items = best.items()
        said = {"also_searched": flow.question.also} if flow.question.also else {}
        return answer.body(
            items,
            orjson.dumps(items),
            unknown=best.candidates.unknown,
            bundle=best.candidates.bundle,
            degraded=flow.degradation.steps,
            timings_ms=flow.timings.as_ms(),
            corrected_query=flow.corrected,
            why_fewer=_why_fewer(len(items), flow.top_k, len(listed), best.candidates, best.shown),
            **said,
        )


def _why_fewer(shown: int, wanted: int, listed: int, candidates: Candidates, best: Shown) -> str | None:
    if shown >= wanted:
        return None
    unknown = len(candidates.unknown)
    refused = listed - unknown - len(candidates.ids)
    parts = [
        f"{count} {said}"
        for count, said in (
            (unknown, "not in the catalog"),
            (refused, "excluded by the filter or asked about"),
            (best.variants, "variants of those shown"),
            (best.of_unwanted, "variants of products that are asked about"),
        )
        if count
    ]
    return f"of {listed} candidates: {', '.join(parts)}" if parts else f"only {listed} candidates were given"
