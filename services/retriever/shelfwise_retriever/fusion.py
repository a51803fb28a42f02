"""The order of the union without a ranker: a weighted sum of the sources' scores, with weights chosen on examples."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from shelfwise.contracts.retrieve import QuestionKind

FILE = "fusion.json"

DEFAULT_WEIGHTS: dict[QuestionKind, dict[str, float]] = {
    "text": {"dense": 0.4, "lexical": 0.6},
    "product": {"dense": 0.35, "lexical": 0.35, "category": 0.3},
    "together": {"together": 0.5, "behavior": 0.2, "learned": 0.1, "users": 0.1, "dense": 0.05, "category": 0.05},
    "user": {
        "own": 0.65, "learned": 0.14, "users": 0.05, "together": 0.05, "trending": 0.04,
        "behavior": 0.02, "category": 0.02, "dense": 0.02, "viewed": 0.01,
    },
}  # fmt: skip
"""For a shop without examples. The weights of `text` were chosen on judged queries of a do-it-yourself shop. NDCG@10 on half of
them: weights fitted on the other half .627, these weights .626, words alone .609, vectors alone .490, reciprocal ranks of both
.576. `together` and `user`: chosen on a gift shop and a grocer, see docs/architecture.md. `product`: chosen on the demo shop's
purchases; weights fitted on other purchases .220, these weights .211, without `category` .131."""

SourceScores = Mapping[str, NDArray[np.float32]]


class Fusion(BaseModel):
    """The weight of each source by kind of question; `fusion.json` of a bundle."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[QuestionKind, dict[str, float]] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    measured: dict[QuestionKind, dict[str, Any]] = Field(
        default_factory=dict, description="NDCG@10 and number of the examples the weights were chosen on."
    )

    def order(self, kind: QuestionKind, scores: SourceScores) -> NDArray[np.float32]:
        """The sum over sources of weight × score / best score of that source in this request.

        `scores`: one array per source, NaN where the source did not find the candidate, which counts as 0. A source without a
        weight counts as 0.
        """
        weights = self.weights.get(kind) or DEFAULT_WEIGHTS[kind]
        return _weighted({name: relative(column) for name, column in scores.items()}, weights)


def relative(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each score divided by the best one; 0 for NaN, and everywhere if the best is not positive."""
    known = scores.copy()
    known[np.isnan(known)] = 0
    best = float(known.max(initial=0.0))
    return known / np.float32(best) if best > 0 else np.zeros_like(known)


def read_fusion(folder: Path) -> Fusion:
    return Fusion.model_validate_json((folder / FILE).read_bytes())


def _weighted(columns: SourceScores, weights: Mapping[str, float]) -> NDArray[np.float32]:
    length = len(next(iter(columns.values()))) if columns else 0
    order = np.zeros(length, np.float32)
    for name, column in columns.items():
        if weight := weights.get(name):
            order += np.float32(weight) * column
    return order
