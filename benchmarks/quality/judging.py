"""Turns answers into figures, one for each question. The metrics are from `ir-measures` (which uses trec_eval)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import ir_measures
import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.protocol import Question, Ranking

Values = dict[str, NDArray[np.float64]]
"""By metric: one figure for each question, in their order; NaN if the metric does not apply to the question."""

Gains = Mapping[str, float]
"""By product id: the gain of finding it."""

GAIN_UNIT = 1000
"""trec_eval takes whole numbers as gains. In thousandths, fractional grades stay distinct."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of ir-measures. `least_gain`: from which gain recall and the like count a product as relevant; default: any."""

    name: str
    cutoff: int
    least_gain: float | None = None

    @property
    def least(self) -> int:
        """`least_gain` in units of trec_eval."""
        return 1 if self.least_gain is None else round(self.least_gain * GAIN_UNIT)

    def __str__(self) -> str:
        relevant = "" if self.least == 1 else f"(rel={self.least})"
        return f"{self.name}{relevant}@{self.cutoff}"


NDCG_10 = Measure("nDCG", 10)
RECALL_10 = Measure("R", 10)
HIT_10 = Measure("Success", 10)
PRECISION_10 = Measure("P", 10)


class Judge(Protocol):
    """Judges the answers of one system."""

    @property
    def metrics(self) -> Sequence[str]:
        """The names of the metrics; the first is the task's main metric."""
        ...

    def judge(self, questions: Sequence[Question], rankings: Sequence[Ranking]) -> Values:
        """The figures for `rankings`. A question without an answer gets 0."""
        ...


@dataclass(frozen=True, slots=True)
class Against:
    """Compares answers with what is known to be right."""

    gains: Mapping[str, Gains]
    """By question id. Each has at least one positive gain: without one, no order is better than another."""
    measures: Mapping[str, Measure]
    """By the name to show."""

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
    """The share of the answer to one question that is also in the answer to another (a query and its misspelt form)."""

    original: Mapping[str, str]
    """From a question's id to the id of the question whose answer it should have. Both are asked, only the former is judged."""
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
    """Whether an answer is as long as possible and has only products that its filter allows."""

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
    """The figures of ir-measures. Scores come from the places in the answer, so trec_eval never has ties to break."""
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
