"""The gateway's readiness: the retriever must be ready; problems of the other services are only reported."""

import asyncio
import logging
from typing import Protocol

from prometheus_client import Gauge

from shelfwise.app.metrics import Metrics
from shelfwise.clients import Probe
from shelfwise_gateway.upstreams import Upstreams

PROBE_TIMEOUT_S = 1.0

_log = logging.getLogger("shelfwise.gateway")


class Probed(Protocol):
    """A service that can be asked whether it is ready."""

    async def probe(self, timeout_s: float) -> Probe: ...


class UpstreamHealth:
    """The services' last known states; `/readyz` and `/version` read them and never ask the services themselves."""

    def __init__(self, metrics: Metrics) -> None:
        self._said: dict[str, Probe] = {}
        self._gauge = Gauge(
            "shelfwise_upstream_ready", "1 if the service was ready when last asked.", ["upstream"], registry=metrics.registry
        )

        self._problem = Gauge(
            "shelfwise_upstream_problem",
            "1 if the service named a problem or was not ready when last asked; `/readyz` says what.",
            ["upstream"],
            registry=metrics.registry,
        )

    @property
    def ready(self) -> bool:
        return "retriever" in self._said and self._said["retriever"].ready

    @property
    def version(self) -> str | None:
        """The bundle that the retriever serves."""
        return self._said["retriever"].bundle if self.ready else None

    @property
    def problem(self) -> str | None:
        if not self._said:
            return "the embedder, retriever and ranker have not been asked yet"
        return "; ".join(f"{name}: {said.problem}" for name, said in self._said.items() if said.problem) or None

    async def refresh(self, upstreams: Upstreams) -> None:
        """Ask all three services concurrently."""
        services: dict[str, Probed] = {
            "embedder": upstreams.embedder,
            "retriever": upstreams.retriever,
            "ranker": upstreams.ranker,
        }
        answers = await asyncio.gather(*(service.probe(PROBE_TIMEOUT_S) for service in services.values()))
        self._said = dict(zip(services, answers, strict=True))
        for name, said in self._said.items():
            self._gauge.labels(name).set(said.ready)
            self._problem.labels(name).set(said.problem is not None)

    async def follow(self, upstreams: Upstreams, every_s: float) -> None:
        """Ask repeatedly; run as a task of the lifespan."""
        while True:
            try:
                await self.refresh(upstreams)
            except Exception:  # a defect must not end the task: the last known states would be taken for true ever after
                _log.exception("the services behind could not be asked")
            await asyncio.sleep(every_s)
