import asyncio

import pytest

from shelfwise.app.metrics import Metrics
from shelfwise.clients import Probe
from shelfwise.errors import UpstreamUnavailable
from shelfwise_gateway.health import UpstreamHealth
from tests.unit.gateway.catalog import Fakes


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("gateway")


@pytest.fixture
def health(metrics: Metrics) -> UpstreamHealth:
    return UpstreamHealth(metrics)


def test_the_gateway_is_not_ready_before_its_services_have_been_asked(health: UpstreamHealth) -> None:
    assert (health.ready, health.version) == (False, None)
    assert health.problem == "the embedder, retriever and ranker have not been asked yet"


async def test_the_gateway_is_ready_when_all_services_are(health: UpstreamHealth, fakes: Fakes) -> None:
    await health.refresh(fakes.upstreams)
    assert (health.ready, health.version, health.problem) == (True, "fake-1", None)


async def test_the_gateway_is_ready_without_the_embedder_and_the_ranker(
    health: UpstreamHealth, fakes: Fakes, metrics: Metrics
) -> None:
    fakes.embedder.fault = fakes.ranker.fault = UpstreamUnavailable("nobody there")
    await health.refresh(fakes.upstreams)
    assert health.ready
    assert health.problem == "embedder: nobody there; ranker: nobody there"
    assert metrics.registry.get_sample_value("shelfwise_upstream_ready", {"upstream": "ranker"}) == 0
    assert metrics.registry.get_sample_value("shelfwise_upstream_ready", {"upstream": "retriever"}) == 1
    assert metrics.registry.get_sample_value("shelfwise_upstream_problem", {"upstream": "ranker"}) == 1
    assert metrics.registry.get_sample_value("shelfwise_upstream_problem", {"upstream": "retriever"}) == 0


async def test_the_gateway_is_not_ready_without_the_retriever(health: UpstreamHealth, fakes: Fakes) -> None:
    await health.refresh(fakes.upstreams)
    fakes.retriever.fault = UpstreamUnavailable("nobody there")
    await health.refresh(fakes.upstreams)
    assert (health.ready, health.version, health.problem) == (False, None, "retriever: nobody there")


async def test_a_defect_in_a_probe_does_not_end_the_health_checks(
    health: UpstreamHealth, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, again = 0, asyncio.Event()

    async def probe(timeout_s: float) -> Probe:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise AttributeError("'list' object has no attribute 'get'")
        if asked == 3:
            again.set()
        return Probe(True, "b2", None)

    monkeypatch.setattr(fakes.retriever, "probe", probe)
    following = asyncio.create_task(health.follow(fakes.upstreams, every_s=0.001))
    async with asyncio.timeout(5):
        await again.wait()
    assert health.version == "b2"
    following.cancel()
