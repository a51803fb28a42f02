"""Percentile intervals by bootstrap over shoppers: several questions of one shopper carry less information than those of
several."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 2000
LEVEL = 0.95
SEED = 20_251_124


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over questions with its 95 % interval."""

    value: float
    low: float
    high: float


def mean_interval(
    values: NDArray[np.float64], askers: NDArray[np.int64] | None = None, *, rounds: int = ROUNDS, seed: int = SEED
) -> Interval:
    """Return the mean of `values` [questions] with its interval; for a paired difference, pass the differences. The same values
    give the same interval.

    `askers` [questions]: equal numbers for questions of the same shopper, which are drawn together; None: each question is of
    another shopper. If all questions have one asker (a till, or everybody without an account), they are drawn one by one,
    because an interval over a single asker would suggest certainty.

    Raises:
        ValueError: no values, or one that is not finite.
    """
    if not len(values) or not np.isfinite(values).all():
        raise ValueError(f"expected at least one figure, all of them finite, found {len(values)}")
    draw = np.random.default_rng(seed)
    each = np.arange(len(values))
    asker = each if askers is None else np.unique(askers, return_inverse=True)[1]
    if not asker.any():
        asker = each
    sums, counts = np.bincount(asker, weights=values), np.bincount(asker)
    means = []
    for _ in range(rounds // 100):  # all resamples of thousands of askers at once would take hundreds of megabytes
        drawn = draw.integers(len(counts), size=(100, len(counts)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(values.mean()), float(low), float(high))
