"""The gateway's internals over the fakes."""

from typing import Any

from shelfwise.app.metrics import Metrics
from shelfwise.contracts.recommend import RecommendRequest, RecommendResponse
from shelfwise.contracts.rerank import RerankRequest, RerankResponse
from shelfwise.deadline import Deadline
from shelfwise_gateway.last_good import LastGood
from shelfwise_gateway.recommend import Recommender
from shelfwise_gateway.rerank import Reranker
from shelfwise_gateway.scenario import Scenario
from shelfwise_gateway.scenarios import Scenarios
from shelfwise_gateway.synonyms import Synonyms
from shelfwise_gateway.timings import StageMetrics
from shelfwise_gateway.trending import TrendingHeld
from tests.unit.gateway.catalog import Fakes


class Gateway:
    """Asks as a caller would, without HTTP. `scenarios` are added to the shipped ones."""

    def __init__(self, fakes: Fakes, synonyms: Synonyms | None = None, **scenarios: dict[str, Any]) -> None:
        synonyms = synonyms or Synonyms()
        self.fakes = fakes
        self.metrics = Metrics("gateway")
        self.last_good = LastGood(100_000, keep_s=3600)
        self.trending = TrendingHeld(fakes.upstreams)
        own = {name.replace("_", "-"): Scenario.model_validate(said) for name, said in scenarios.items()}
        stages = StageMetrics(self.metrics)
        self.scenarios = Scenarios(Scenarios.load(None).named | own)
        self.recommender = Recommender(
            fakes.upstreams,
            self.scenarios,
            self.last_good,
            self.trending,
            self.metrics,
            stages,
            synonyms,
        )
        self.reranker = Reranker(fakes.upstreams, self.metrics, stages, synonyms)

    async def ask(self, deadline_ms: float = 2000, **asked: Any) -> RecommendResponse:
        request = RecommendRequest(**asked)
        answer = await self.recommender.recommend(request, self.scenarios.choose(request), Deadline.after_ms(deadline_ms))
        return RecommendResponse.model_validate_json(answer)

    async def rerank(self, deadline_ms: float = 2000, **asked: Any) -> RerankResponse:
        answer = await self.reranker.rerank(RerankRequest(**asked), Deadline.after_ms(deadline_ms))
        return RerankResponse.model_validate_json(answer)

    def counted(self, step: str) -> float:
        return self.metrics.registry.get_sample_value("shelfwise_degraded_total", {"step": step}) or 0.0


def ids(answer: RecommendResponse | RerankResponse) -> list[str]:
    return [item.product_id for item in answer.items]
