"""NDCG, equal to that of `ir-measures` (trec_eval), which a build does not need."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from shelfwise_pipeline.examples.question import gains


def ndcg(scores: ArrayLike, grades: ArrayLike, best: Sequence[float] | None = None, k: int = 10) -> float:
    """Return NDCG@k with gains 2^grade - 1; equal scores stay in the given order.

    `best`: grades of the best possible answer, if it has more than these candidates. A question without any good answer counts
    as 0, as in trec_eval, and so does one without candidates.
    """
    worth = gains(grades)
    shown = worth[np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")][:k]
    possible = worth if best is None else gains(best)
    ideal = np.sort(possible)[::-1][:k]
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    total = float(ideal @ discount[: len(ideal)])
    return float(shown @ discount[: len(shown)]) / total if total > 0 else 0.0
