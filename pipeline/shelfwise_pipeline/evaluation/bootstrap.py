"""Percentile intervals by bootstrap over questions.

Questions of one shopper are drawn as if they were of several, and most shoppers are asked about one basket twice, with what
they own and without it: an interval over shoppers would be a little wider.
"""

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


def mean_interval(values: NDArray[np.float64], rounds: int = ROUNDS, seed: int = SEED) -> Interval:
    """The mean of `values` [questions]; for a paired difference give the differences. The same values give the same interval.

    Raises:
        ValueError: no values, or one that is not finite.
    """
    if not len(values) or not np.isfinite(values).all():
        raise ValueError(f"expected at least one figure, all of them finite, found {len(values)}")
    draw = np.random.default_rng(seed)
    # In blocks: all resamples of thousands of questions at once would be hundreds of megabytes.
    means = [values[draw.integers(len(values), size=(100, len(values)))].mean(axis=1) for _ in range(rounds // 100)]
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(values.mean()), float(low), float(high))
