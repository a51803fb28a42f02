"""Measures in rounds A B A B. One system is awake at a time. Both get the same questions, each question once."""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median

import orjson

from benchmarks.catalog import BenchmarkError
from benchmarks.figures import percentile
from benchmarks.places import ROOT, server_environment
from benchmarks.serving.load import Order, Outcome
from benchmarks.serving.system import System, python

# More than any system answers on this kind of machine. A round that runs out of questions ends early and stays valid.
MAX_REQUESTS_PER_S = 3_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure."""

    clients: Sequence[int] = (1, 16)
    rounds: int = 3
    warm_up_s: float = 2.0
    measure_s: float = 5.0
    top_k: int = 10


@dataclass(frozen=True, slots=True)
class Round:
    """One system, one number of clients, one window."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    """CPU time of all server processes per request; 0 if the benchmark did not start them."""
    client_cpu_us: float
    answers: int


@dataclass
class Series:
    """All rounds of one system with one number of clients."""

    system: str
    clients: int
    rounds: list[Round] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def values(self, figure: str) -> list[float]:
        return [float(getattr(one, figure)) for one in self.rounds]

    def middle(self, figure: str) -> float:
        """The median of the rounds."""
        return median(self.values(figure))


class Questions:
    """One stream of distinct texts. Each system has its own position in it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._marks: Counter[str] = Counter()

    def next(self, system: str, count: int) -> list[str]:
        mark = self._marks[system]
        texts = list(self._texts[mark : mark + count])
        if not texts:
            raise BenchmarkError(f"all {len(self._texts)} questions were asked of {system}; measure fewer or shorter rounds")
        return texts

    def used(self, system: str, count: int) -> None:
        self._marks[system] += count


def measure(systems: Sequence[System], questions: Questions, plan: Plan, progress: Callable[[str], None]) -> list[Series]:
    """Measure every system, number of clients and round of the plan. `systems` are running but paused, before and after."""
    series: list[Series] = []
    for clients in plan.clients:
        by_system = {system.name: Series(system.name, clients) for system in systems}
        for number in range(1, plan.rounds + 1):
            for system in systems:
                with awake(system):
                    cpu_before_s = system.cpu_s()
                    outcome = ask(system, questions, clients, plan.warm_up_s, plan.measure_s, plan.top_k)
                    cpu_s = system.cpu_s() - cpu_before_s
                one = _round(system, outcome, cpu_s)
                mine = by_system[system.name]
                mine.rounds.append(one)
                mine.errors.update(outcome.errors)
                progress(
                    f"{clients:>2} clients, round {number}, {system.name:<9} {one.requests_per_s:7.1f} requests/s  "
                    f"p50 {one.p50_ms:6.1f} ms  p99 {one.p99_ms:6.1f} ms"
                )
        series.extend(by_system.values())
    return series


@dataclass(frozen=True, slots=True)
class Sequential:
    """Distinct questions one after another."""

    system: str
    questions: int
    wall_p50_ms: float
    reported_p50_ms: float | None
    """Median of the answers' `timings_ms.total`; None if the system does not report it."""
    errors: dict[str, int]


def one_after_another(system: System, questions: Questions, count: int, top_k: int) -> Sequential:
    """Ask `count` questions with one client, after fifty that are not measured."""
    with awake(system):
        ask(system, questions, 1, 0.0, 60.0, top_k, limit=50)
        outcome = ask(system, questions, 1, 0.0, 300.0, top_k, limit=count)
    return Sequential(
        system=system.name,
        questions=len(outcome.latencies_ms),
        wall_p50_ms=median(_some(outcome.latencies_ms, system, outcome)),
        reported_p50_ms=median(outcome.reported_ms) if outcome.reported_ms else None,
        errors=outcome.errors,
    )


@contextmanager
def awake(system: System) -> Iterator[None]:
    system.resume()
    try:
        yield
    finally:
        system.pause()


def ask(
    system: System,
    questions: Questions,
    clients: int,
    warm_up_s: float,
    measure_s: float,
    top_k: int,
    limit: int | None = None,
) -> Outcome:
    """One run of the load generator in a process of its own.

    Raises:
        BenchmarkError: the load generator failed, or the questions are used up.
    """
    count = limit or int((warm_up_s + measure_s) * MAX_REQUESTS_PER_S)
    order = Order(
        host=system.host,
        port=system.port,
        clients=clients,
        warm_up_s=warm_up_s,
        measure_s=measure_s,
        queries=questions.next(system.name, count),
        top_k=top_k,
    )
    finished = subprocess.run(
        python("-m", "benchmarks.serving.load"),
        input=orjson.dumps(asdict(order)),
        capture_output=True,
        cwd=ROOT,
        env=server_environment(),
        timeout=warm_up_s + measure_s + 60,
        check=False,
    )
    if finished.returncode != 0:
        raise BenchmarkError(f"the load generator failed: {finished.stderr.decode(errors='replace').strip()[-1500:]}")
    outcome = Outcome(**orjson.loads(finished.stdout))
    questions.used(system.name, outcome.asked)
    return outcome


def _round(system: System, outcome: Outcome, cpu_s: float) -> Round:
    latencies = _some(outcome.latencies_ms, system, outcome)
    return Round(
        requests_per_s=len(latencies) / outcome.seconds,
        p50_ms=percentile(latencies, 50),
        p99_ms=percentile(latencies, 99),
        server_cpu_ms=cpu_s * 1000 / outcome.asked,
        client_cpu_us=outcome.client_cpu_us,
        answers=len(latencies),
    )


def _some(latencies_ms: list[float], system: System, outcome: Outcome) -> list[float]:
    if not latencies_ms:
        raise BenchmarkError(f"{system.name} gave no answer that counts; what it gave instead: {outcome.errors}")
    return latencies_ms
