"""The order of the union when no ranker answers: a weighted sum of the sources' scores, its weights chosen on examples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from shelfwise.contracts.retrieve import QuestionKind

FILE = "fusion.json"
DEPTH = 10
_STEPS = 20

DEFAULT_WEIGHTS: dict[QuestionKind, dict[str, float]] = {
    "text": {"dense": 0.4, "lexical": 0.6},
    "product": {"dense": 0.5, "lexical": 0.5},
}
"""For a shop without examples. Chosen on judged queries of a do-it-yourself shop; NDCG@10 on half of them, with weights
fitted on the other half .627, with these .626, words alone .609, vectors alone .490, reciprocal ranks of both .576."""

SourceScores = Mapping[str, NDArray[np.float32]]


class Fusion(BaseModel):
    """What each source counts, by kind of question; `fusion.json` of a bundle."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[QuestionKind, dict[str, float]] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    measured: dict[QuestionKind, dict[str, Any]] = Field(
        default_factory=dict, description="NDCG@10 and number of the examples the weights were chosen on."
    )

    def order(self, kind: QuestionKind, scores: SourceScores) -> NDArray[np.float32]:
        """The sum over sources of weight × score / best score of that source in this request.

        `scores`: one array a source, NaN where it did not find the candidate, which counts 0. A source without a weight
        counts nothing.
        """
        weights = self.weights.get(kind) or DEFAULT_WEIGHTS[kind]
        return _weighted({name: relative(column) for name, column in scores.items()}, weights)


@dataclass(frozen=True, slots=True)
class Example:
    """The candidates of one question, with what each was worth to the shopper (0: nothing)."""

    scores: SourceScores  # one array a source, NaN where it did not find the candidate
    gains: NDArray[np.float32]


def fit_fusion(examples: Mapping[QuestionKind, Sequence[Example]]) -> Fusion:
    """The weights with the best mean NDCG@10 on `examples`, searched on a grid; the defaults where there are none."""
    weights: dict[QuestionKind, dict[str, float]] = dict(DEFAULT_WEIGHTS)
    measured: dict[QuestionKind, dict[str, Any]] = {}
    for kind, asked in examples.items():
        telling = [example for example in asked if len(example.gains) and example.gains.max() > 0]
        if not telling:
            continue
        columns = [{name: relative(column) for name, column in example.scores.items()} for example in telling]
        names = sorted({name for example in columns for name in example})
        tried = [(_mean_ndcg(columns, telling, candidate), candidate) for candidate in _grid(names)]
        # Of equally good ones, the most even weights: they are the least likely to be good by chance.
        best, weights[kind] = max(tried, key=lambda pair: (pair[0], -max(pair[1].values())))
        measured[kind] = {"ndcg_at_10": round(best, 4), "examples": len(telling)}
    return Fusion(weights=weights, measured=measured)


def relative(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each score over the best one; 0 where there is none, or where the best is not positive."""
    known = scores.copy()
    known[np.isnan(known)] = 0
    best = float(known.max(initial=0.0))
    return known / np.float32(best) if best > 0 else np.zeros_like(known)


def ndcg(order: NDArray[np.float32], gains: NDArray[np.float32]) -> float:
    """NDCG@10 of candidates sorted by falling `order`, against the best order of the same candidates."""
    top = np.argsort(-order, kind="stable")[:DEPTH]
    discounts = 1 / np.log2(np.arange(2, len(top) + 2))
    ideal = float(np.sort(gains)[::-1][: len(top)] @ discounts)
    return float(gains[top] @ discounts) / ideal if ideal else 0.0


def read_fusion(folder: Path) -> Fusion:
    return Fusion.model_validate_json((folder / FILE).read_bytes())


def _weighted(columns: SourceScores, weights: Mapping[str, float]) -> NDArray[np.float32]:
    length = len(next(iter(columns.values()))) if columns else 0
    order = np.zeros(length, np.float32)
    for name, column in columns.items():
        if weight := weights.get(name):
            order += np.float32(weight) * column
    return order


def _mean_ndcg(columns: Sequence[SourceScores], examples: Sequence[Example], weights: Mapping[str, float]) -> float:
    found = [ndcg(_weighted(column, weights), example.gains) for column, example in zip(columns, examples, strict=True)]
    return float(np.mean(found))


def _grid(names: Sequence[str]) -> Iterator[dict[str, float]]:
    """Weights that sum to 1: in steps of 0.05 for two sources, coarser for more."""
    steps = _STEPS if len(names) < 3 else _STEPS // 2
    for parts in product(range(steps + 1), repeat=max(0, len(names) - 1)):
        if (rest := steps - sum(parts)) >= 0:
            yield {name: part / steps for name, part in zip(names, (*parts, rest), strict=True)}
