"""Prometheus metrics; one registry per application, so that several can live in one test process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

BUCKETS_S = (0.001, 0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5)

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The metrics of every service; a service adds its own through `registry`."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Histogram(
            "shelfwise_request_seconds",
            "Time to answer a request, in seconds, whatever its status code.",
            ["service", "method", "route", "status"],
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.in_flight = Gauge("shelfwise_requests_in_flight", "Requests that are being answered now.", registry=self.registry)
        self.degraded = Counter(
            "shelfwise_degraded_total", "Answers that had to leave out a step.", ["step"], registry=self.registry
        )
        self._service = service
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(self._service, method, route, str(status))
        child.observe(seconds)

    def exposition(self) -> bytes:
        return generate_latest(self.registry)
