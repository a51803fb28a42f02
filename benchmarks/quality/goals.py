"""The goals of the evaluation, as data. Each is judged from the rows of one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from benchmarks.quality.peers.rank_fusion import NAME as FUSION
from shelfwise_pipeline.evaluation.report.page import Verdict
from shelfwise_pipeline.evaluation.report.section import Section
from shelfwise_pipeline.evaluation.rows import OURS, Row


class Goal(Protocol):
    """One goal of the evaluation."""

    @property
    def task(self) -> str:
        """The name of its task."""
        ...

    def verdict(self, rows: Sequence[Row]) -> Verdict:
        """Judge the rows of all tasks."""
        ...


@dataclass(frozen=True, slots=True)
class TimesBest:
    """Our value divided by that of the best single baseline, or of `rival`. A rank fusion is not a single baseline."""

    task: str
    metric: str
    at_least: float
    rival: str | None = None
    surely: bool = False
    """The interval of the paired difference must also be above 0."""

    def verdict(self, rows: Sequence[Row]) -> Verdict:
        named = _of(rows, self.task, self.metric)
        rivals = [
            row
            for system, row in named.items()
            if system != OURS and (system == self.rival if self.rival else not system.startswith(FUSION))
        ]
        over = self.rival or "best single baseline"
        expected = f"≥ {self.at_least:g}" + (", difference above 0" if self.surely else "")
        goal = f"{self.task}: {self.metric}, ours / {over}"
        if OURS not in named or not rivals:
            return Verdict(goal, expected, "not measured", None)
        best = max(rivals, key=lambda row: row.value)
        ratio = named[OURS].value / best.value if best.value else float("inf")
        met = ratio >= self.at_least and (not self.surely or _above_zero(best))
        return Verdict(goal, expected, f"{ratio:.3f} ({best.system}{_difference(best)})", met)


@dataclass(frozen=True, slots=True)
class TimesGain:
    """Our gain over chance divided by the rival's. On short judged lists, even chance has a high value."""

    task: str
    metric: str
    rival: str
    at_least: float
    chance: str = "random"

    def verdict(self, rows: Sequence[Row]) -> Verdict:
        named = _of(rows, self.task, self.metric)
        goal = f"{self.task}: {self.metric}, gain over {self.chance}, ours / {self.rival}"
        expected = f"≥ {self.at_least:g}, difference above 0"
        if not {OURS, self.rival, self.chance} <= named.keys():
            return Verdict(goal, expected, "not measured", None)
        chance, rival = named[self.chance].value, named[self.rival]
        gain = rival.value - chance
        ratio = (named[OURS].value - chance) / gain if gain > 0 else float("inf")
        return Verdict(goal, expected, f"{ratio:.3f}{_difference(rival)}", ratio >= self.at_least and _above_zero(rival))


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Our value is at least `least`."""

    task: str
    metric: str
    least: float

    def verdict(self, rows: Sequence[Row]) -> Verdict:
        ours = _of(rows, self.task, self.metric).get(OURS)
        goal, expected = f"{self.task}: {self.metric}", f"≥ {self.least:g}"
        if ours is None:
            return Verdict(goal, expected, "not measured", None)
        return Verdict(goal, expected, f"{ours.value:.3f} [{ours.low:.3f}, {ours.high:.3f}]", ours.value >= self.least)


GOALS: tuple[Goal, ...] = (
    TimesBest("online-retail-for-you", "ndcg@10", 1.12, surely=True),
    TimesBest("online-retail-for-you-new", "ndcg@10", 1.5),
    TimesBest("online-retail-together", "ndcg@10", 1.08),
    TimesBest("completejourney-for-you", "recall@10", 1.15, rival="own frequency"),
    TimesBest("instacart-last-order", "recall@10", 1.08, rival="own frequency"),
    TimesGain("home-depot-rerank", "ndcg@10", "MiniLM (sentence-transformers)", 1.2),
    AtLeast("home-depot-retrieval", "ndcg@10", 0.43),
    AtLeast("home-depot-retrieval", "recall@100", 0.82),
    AtLeast("home-depot-typo", "overlap@10", 0.7),
    AtLeast("myntra-nail-paints", "precision@10", 1.0),
    AtLeast("myntra-filter", "full@10", 1.0),
)


def verdicts(sections: Sequence[Section], *, all_systems: bool) -> list[Verdict]:
    """The verdicts on the goals of these tasks. Without all systems, a goal against the best baseline is not measured."""
    rows = [row for section in sections for row in section.rows]
    of_these = [goal for goal in GOALS if any(section.name == goal.task for section in sections)]
    return [goal.verdict(rows if all_systems or not _of_the_best(goal) else []) for goal in of_these]


def _of_the_best(goal: Goal) -> bool:
    return isinstance(goal, TimesBest) and goal.rival is None


def _of(rows: Sequence[Row], task: str, metric: str) -> dict[str, Row]:
    return {row.system: row for row in rows if row.task == task and row.metric == metric}


def _above_zero(row: Row) -> bool:
    return row.difference is not None and row.difference.low > 0


def _difference(row: Row) -> str:
    if row.difference is None:
        return ""
    return f", {row.difference.value:+.3f} [{row.difference.low:+.3f}, {row.difference.high:+.3f}]"
