"""EASE (Steck, 2019): a linear model that predicts every item from the others, in closed form."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from benchmarks.quality.peers.interactions import Interactions, Rows, Sparse, binary
from benchmarks.quality.peers.scoring import Scores
from benchmarks.quality.peers.similarity import SimilarityPeer
from benchmarks.quality.protocol import Known

MOST_ITEMS = 10_000
"""The dense matrix must be inverted. Beyond this number, the rarest items get no scores."""


class Ease(SimilarityPeer):
    """EASE learned on users or on baskets. `penalty` is the ridge term."""

    def __init__(self, rows: Rows, penalty: float) -> None:
        super().__init__("EASE")
        self._rows = rows
        self._penalty = penalty

    def learn_similarity(self, known: Known) -> None:
        matrix = binary(Interactions(known, self.items, self._rows).matrix())[:, :MOST_ITEMS]
        self._weights = item_weights(np.asarray((matrix.T @ matrix).toarray(), dtype=np.float32), self._penalty)

    def apply(self, profile: Sparse) -> Scores:
        found = np.zeros(profile.shape, dtype=np.float32)
        found[:, : len(self._weights)] = profile[:, : len(self._weights)] @ self._weights
        return found


def item_weights(gram: NDArray[np.float32], penalty: float) -> NDArray[np.float32]:
    """[items, items] with a zero diagonal: column j predicts item j from the others; `gram` [items, items] is overwritten."""
    gram[np.diag_indices_from(gram)] += penalty
    factor = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    inverse = cho_solve(factor, np.eye(len(gram), dtype=gram.dtype), overwrite_b=True, check_finite=False)
    weights: NDArray[np.float32] = inverse / -np.diag(inverse)
    weights[np.diag_indices_from(weights)] = 0.0
    return weights
