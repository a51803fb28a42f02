"""Runs tasks: every system answers the same questions, then all answers are judged."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.quality.data.place import DataMissing, DataPlace
from benchmarks.quality.judging import Values
from benchmarks.quality.protocol import Question, Ranking, System
from benchmarks.quality.rankings import RankingStore, digest_of
from benchmarks.quality.task import Task, TaskSpec
from shelfwise_pipeline.evaluation.report.section import Section
from shelfwise_pipeline.evaluation.rows import OURS, rows_of

Ours = Callable[[Task], System | None]
"""Shelfwise for a task; None if it does not answer such questions."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and which results of earlier runs to use."""

    place: DataPlace
    store: RankingStore
    ours: Ours
    only: Sequence[str] = ()
    """Parts of the names of systems to run; empty: all systems."""
    fresh: bool = False
    """Ask the peers again even if their answers are stored."""

    def wants(self, system: str) -> bool:
        """Whether to run this system. Case does not matter."""
        return not self.only or any(part.casefold() in system.casefold() for part in self.only)


def run(spec: TaskSpec, plan: Plan, tell: Tell) -> Section:
    """The section with all rows of one task. Without its data set, a section that says why there are none."""
    try:
        task = spec.load(plan.place)
    except DataMissing as missing:
        tell(f"{spec.name}: skipped, {missing}")
        return Section(spec.name, spec.title, spec.protocol, skipped=str(missing))
    tell(f"{spec.name}: {len(task.questions)} questions, {task.known.products.height} products")
    notes: list[str] = []
    found: dict[str, Values] = {}
    if plan.wants(OURS):
        ours = plan.ours(task)
        if ours is None:
            notes.append("Shelfwise does not answer this kind of question yet.")
        else:
            found[OURS] = _judged(task, _timed(ours, task, tell))
    digest = digest_of(task)
    for peer in task.peers:
        if plan.wants(peer.name):
            found[peer.name] = _judged(task, _peer(spec.name, peer, task, plan, digest, tell))
    if not found:
        return Section(spec.name, spec.title, spec.protocol, skipped="no system of the wanted names takes part", notes=notes)
    rows = rows_of(spec.name, task.judge.metrics, found, OURS, task.askers())
    return Section(spec.name, spec.title, spec.protocol, rows, notes=notes)


def answered(system: System, task: Task) -> list[Ranking]:
    """Let `system` learn and answer, and check that the answers keep the rules.

    Raises:
        ValueError: an answer repeats a product, is too long, or holds what was excluded or not a candidate.
    """
    system.fit(task.known)
    rankings = system.rank(task.questions, task.depth)
    for question, ranking in zip(task.questions, rankings, strict=True):
        _check(system.name, question, ranking, task.depth)
    return rankings


def _check(system: str, question: Question, ranking: Ranking, depth: int) -> None:
    answer = set(ranking)
    broken = None
    if len(ranking) > depth or len(answer) < len(ranking):
        broken = f"at most {depth} different products"
    elif answer & question.exclude:
        broken = "nothing that is excluded"
    elif question.candidates is not None and not answer <= set(question.candidates):
        broken = "candidates only"
    if broken:
        raise ValueError(f"{system}: expected {broken} for the question {question.id!r}, found {ranking[:20]!r}")


def _peer(name: str, peer: System, task: Task, plan: Plan, digest: str, tell: Tell) -> list[Ranking]:
    kept = None if plan.fresh else plan.store.read(name, peer.name, digest)
    if kept is not None:
        tell(f"  {peer.name}: kept from an earlier run")
        return kept
    rankings = _timed(peer, task, tell)
    plan.store.write(name, peer.name, digest, rankings)
    return rankings


def _timed(system: System, task: Task, tell: Tell) -> list[Ranking]:
    started = time.perf_counter()
    rankings = answered(system, task)
    tell(f"  {system.name}: {time.perf_counter() - started:.1f} s")
    return rankings


def _judged(task: Task, rankings: Sequence[Ranking]) -> Values:
    return task.judge.judge(task.questions, rankings)
