"""How answers become figures, one for each question; the metrics are those of `ir-measures` (trec_eval inside)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import ir_measures
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.protocol import Question, Ranking

Values = dict[str, NDArray[np.float64]]
"""By metric: one figure for each question, in their order; NaN where the metric does not apply to a question."""

Gains = Mapping[str, float]
"""By product id: what it is worth to find it."""

GAIN_UNIT = 1000
"""trec_eval counts gains in whole numbers; thousandths keep fractional grades apart."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of ir-measures. `least_gain`: for recall and the like, what counts as relevant; default any gain at all."""

    name: str
    cutoff: int
    least_gain: float | None = None

    @property
    def least(self) -> int:
        """`least_gain` in the unit of trec_eval."""
        return 1 if self.least_gain is None else round(self.least_gain * GAIN_UNIT)

    def __str__(self) -> str:
        relevant = "" if self.least == 1 else f"(rel={self.least})"
        return f"{self.name}{relevant}@{self.cutoff}"


NDCG_10 = Measure("nDCG", 10)
RECALL_10 = Measure("R", 10)
HIT_10 = Measure("Success", 10)
PRECISION_10 = Measure("P", 10)


class Judge(Protocol):
    """Judges all answers of one system."""

    @property
    def metrics(self) -> Sequence[str]:
        """The first is the task's main one."""
        ...

    def judge(self, questions: Sequence[Question], rankings: Sequence[Ranking]) -> Values:
        """A question without an answer counts as 0."""
        ...


@dataclass(frozen=True, slots=True)
class Against:
    """Answers against what is known to be right."""

    gains: Mapping[str, Gains]
    """By question id; each with at least one positive gain, without which no order is better than another."""
    measures: Mapping[str, Measure]
    """By shown name."""

    @property
    def metrics(self) -> Sequence[str]:
        return list(self.measures)

    def judge(self, questions: Sequence[Question], rankings: Sequence[Ranking]) -> Values:
        right = {one.id: {p: round(gain * GAIN_UNIT) for p, gain in self.gains[one.id].items()} for one in questions}
        values = measured(self.measures, questions, right, rankings)
        for name, measure in self.measures.items():
            values[name][[max(right[one.id].values()) < measure.least for one in questions]] = np.nan
        return values


@dataclass(frozen=True, slots=True)
class SameAnswer:
    """How much of the answer to one question is also in the answer to another (a misspelt query to the well-spelt one)."""

    original: Mapping[str, str]
    """Question id to the id of the question whose answer it should have; both are asked, only the former is judged."""
    depth: int = 10

    @property
    def metrics(self) -> Sequence[str]:
        return [f"overlap@{self.depth}"]

    def judge(self, questions: Sequence[Question], rankings: Sequence[Ranking]) -> Values:
        answers = {one.id: ranking[: self.depth] for one, ranking in zip(questions, rankings, strict=True)}
        changed = [one for one in questions if one.id in self.original]
        right = {one.id: dict.fromkeys(answers[self.original[one.id]], 1) for one in changed}
        measure = {self.metrics[0]: Measure("R", self.depth)}
        return measured(measure, changed, right, [answers[one.id] for one in changed])


@dataclass(frozen=True, slots=True)
class FullLists:
    """Whether an answer is as long as it can be and holds nothing that its filter forbids."""

    allowed: Mapping[str, frozenset[str]]
    """By question id: the products that satisfy its filter."""
    depth: int

    @property
    def metrics(self) -> Sequence[str]:
        return [f"full@{self.depth}"]

    def judge(self, questions: Sequence[Question], rankings: Sequence[Ranking]) -> Values:
        full = [
            len(ranking) == min(self.depth, len(self.allowed[one.id])) and self.allowed[one.id].issuperset(ranking)
            for one, ranking in zip(questions, rankings, strict=True)
        ]
        return {self.metrics[0]: np.array(full, dtype=np.float64)}


def measured(
    measures: Mapping[str, Measure],
    questions: Sequence[Question],
    right: Mapping[str, Mapping[str, int]],
    rankings: Sequence[Ranking],
) -> Values:
    """The figures of ir-measures. Scores are the places, so trec_eval's own way with ties never decides."""
    parsed = {ir_measures.parse_measure(str(measure)): name for name, measure in measures.items()}
    row = {one.id: number for number, one in enumerate(questions)}
    run = {
        one.id: {product: float(-place) for place, product in enumerate(ranking)}
        for one, ranking in zip(questions, rankings, strict=True)
        if ranking
    }
    values = {name: np.zeros(len(questions)) for name in measures}
    if run:
        for found in ir_measures.iter_calc(list(parsed), right, run):
            values[parsed[found.measure]][row[found.query_id]] = found.value
    return values
