"""The order of the union when no ranker answers: a weighted sum of the sources' scores, its weights chosen on examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from shelfwise.contracts.retrieve import QuestionKind

FILE = "fusion.json"
DEPTH = 10

_SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_ROUNDS = 3
_GAIN = 1e-6

DEFAULT_WEIGHTS: dict[QuestionKind, dict[str, float]] = {
    "text": {"dense": 0.4, "lexical": 0.6},
    "product": {"dense": 0.4, "lexical": 0.4, "users": 0.1, "behavior": 0.05, "together": 0.05},
    "together": {"together": 0.5, "behavior": 0.2, "learned": 0.1, "users": 0.1, "dense": 0.05, "category": 0.05},
    "user": {
        "own": 0.4, "learned": 0.2, "together": 0.1, "behavior": 0.1, "users": 0.1,
        "trending": 0.05, "dense": 0.02, "category": 0.02, "viewed": 0.01,
    },
}  # fmt: skip
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
    """The weights with the best mean NDCG@10 on `examples`; the defaults for a kind that has none to learn from."""
    weights: dict[QuestionKind, dict[str, float]] = dict(DEFAULT_WEIGHTS)
    measured: dict[QuestionKind, dict[str, Any]] = {}
    for kind, asked in examples.items():
        telling = [example for example in asked if len(example.gains) and example.gains.max() > 0]
        if not telling:
            continue
        columns = [{name: relative(column) for name, column in example.scores.items()} for example in telling]
        best, weights[kind] = _search(columns, telling)
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


def _search(columns: Sequence[SourceScores], examples: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """Coordinate ascent: from even weights on, each source in turn gets the share that is best as the others stand."""
    names = sorted({name for example in columns for name in example})
    weights = dict.fromkeys(names, 1 / len(names))
    best = _mean_ndcg(columns, examples, weights)
    for _ in range(_ROUNDS):
        before = best
        for name in names:
            for share in _SHARES:
                tried = _with_share(weights, name, share)
                # Of equally good ones what was first, the more even: it is the least likely to be good by chance.
                if tried is not None and (found := _mean_ndcg(columns, examples, tried)) > best + _GAIN:
                    best, weights = found, tried
        if best <= before:
            break
    return best, {name: round(weight, 4) for name, weight in weights.items()}


def _with_share(weights: Mapping[str, float], name: str, share: float) -> dict[str, float] | None:
    """`share` for `name`, the rest of 1 for the others in the proportions that they have; None when they have nothing."""
    rest = sum(weight for other, weight in weights.items() if other != name)
    if rest <= 0 and share < 1:
        return None
    return {
        other: share if other == name else weight / rest * (1 - share) if rest else 0.0 for other, weight in weights.items()
    }
