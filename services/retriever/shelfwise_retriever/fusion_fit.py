"""Chooses the weights of the union on questions with known answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.retrieve import QuestionKind
from shelfwise_retriever.fusion import DEFAULT_WEIGHTS, Fusion, SourceScores, relative

DEPTH = 10

_SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_ROUNDS = 3
_GAIN = 1e-6
"""A smaller gain is only rounding."""


@dataclass(frozen=True, slots=True)
class Example:
    """The candidates of one question and what each was worth to the shopper (0: nothing)."""

    scores: SourceScores  # one array per source, NaN where the source did not find the candidate
    gains: NDArray[np.float32]


def fit_fusion(examples: Mapping[QuestionKind, Sequence[Example]]) -> Fusion:
    """The weights with the best mean NDCG@10 on `examples`; the default weights for a kind without usable examples."""
    weights: dict[QuestionKind, dict[str, float]] = dict(DEFAULT_WEIGHTS)
    measured: dict[QuestionKind, dict[str, Any]] = {}
    for kind, asked in examples.items():
        telling = [example for example in asked if len(example.gains) and example.gains.max() > 0]
        if not telling:
            continue
        best, weights[kind] = _ascend(_Table.of(telling))
        measured[kind] = {"ndcg_at_10": round(best, 4), "examples": len(telling)}
    return Fusion(weights=weights, measured=measured)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """All examples in one table, padded to the length of the longest."""

    names: list[str]
    scores: NDArray[np.float32]  # [examples, candidates, sources] relative
    gains: NDArray[np.float32]  # [examples, candidates]
    filling: NDArray[np.bool_]  # [examples, candidates]: padding, not a candidate
    ideal: NDArray[np.float64]  # [examples]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Self:
        names = sorted({name for example in examples for name in example.scores})
        longest = max(len(example.gains) for example in examples)
        scores = np.zeros((len(examples), longest, len(names)), np.float32)
        gains = np.zeros((len(examples), longest), np.float32)
        filling = np.ones((len(examples), longest), np.bool_)
        for row, example in enumerate(examples):
            count = len(example.gains)
            gains[row, :count], filling[row, :count] = example.gains, False
            for name, column in example.scores.items():
                scores[row, :count, names.index(name)] = relative(column)
        found = np.flatnonzero((scores != 0).any(axis=(0, 1)))
        ideal = _discounted(np.sort(gains, axis=1)[:, ::-1])
        return cls([names[place] for place in found.tolist()], scores[:, :, found], gains, filling, ideal)

    def mean_ndcg(self, weights: NDArray[np.float64]) -> float:
        order = self.scores @ weights.astype(np.float32)
        order[self.filling] = -np.inf
        best = np.argsort(-order, axis=1, kind="stable")[:, :DEPTH]
        return float(np.mean(_discounted(np.take_along_axis(self.gains, best, axis=1)) / self.ideal))


def _ascend(table: _Table) -> tuple[float, dict[str, float]]:
    """Coordinate ascent from even weights: each source in turn gets the share that is best given the current others."""
    count = len(table.names)
    weights = np.full(count, 1 / max(1, count))
    best = table.mean_ndcg(weights)
    for _ in range(_ROUNDS):
        before = best
        for place in range(count):
            for share in _SHARES:
                tried = _with_share(weights, place, share)
                # Of equally good weights keep the first, more even ones: they are the least likely to be good by chance.
                if tried is not None and (found := table.mean_ndcg(tried)) > best + _GAIN:
                    best, weights = found, tried
        if best <= before:
            break
    return best, {name: round(weight, 4) for name, weight in zip(table.names, weights.tolist(), strict=True)}


def _with_share(weights: NDArray[np.float64], place: int, share: float) -> NDArray[np.float64] | None:
    """`share` for the source at `place`, the rest of 1 for the others in their present proportions; None if these are all 0."""
    others = weights.copy()
    others[place] = 0
    rest = float(others.sum())
    if rest <= 0:
        return None
    others *= (1 - share) / rest
    others[place] = share
    return others


def _discounted(gains: NDArray[np.float32]) -> Any:
    """The discounted sum of the first ten gains along the last axis."""
    top = gains[..., :DEPTH]
    return top @ (1 / np.log2(np.arange(2, top.shape[-1] + 2)))
