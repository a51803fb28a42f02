"""Measures how long each stage of a request takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import Histogram

from shelfwise.app.metrics import BUCKETS_S, Metrics

Stage = Literal["embed", "context", "retrieve", "rank"]
STAGES: tuple[Stage, ...] = ("embed", "context", "retrieve", "rank")


class StageMetrics:
    """`shelfwise_stage_seconds`, by stage."""

    def __init__(self, metrics: Metrics) -> None:
        histogram = Histogram(
            "shelfwise_stage_seconds",
            "Time from asking another service until its answer or failure, in seconds.",
            ["stage"],
            buckets=BUCKETS_S,
            registry=metrics.registry,
        )
        self._by_stage = {stage: histogram.labels(stage) for stage in STAGES}

    def observe(self, stage: Stage, seconds: float) -> None:
        self._by_stage[stage].observe(seconds)


class Timings:
    """The stages of one request. A stage that runs twice is added up; `total` is the whole time."""

    def __init__(self, metrics: StageMetrics) -> None:
        self._metrics = metrics
        self._started_at = time.perf_counter()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        began_at = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - began_at
            self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds
            self._metrics.observe(stage, seconds)

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self._started_at

    def as_ms(self) -> dict[str, float]:
        times = {stage: round(seconds * 1000, 2) for stage, seconds in self._seconds.items()}
        times["total"] = round(self.elapsed_s * 1000, 2)
        return times
