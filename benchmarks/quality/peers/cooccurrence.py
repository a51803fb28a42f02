"""Counts what was bought together."""

import numpy as np
from scipy.sparse import diags

from benchmarks.quality.peers.interactions import Interactions, Sparse, binary
from benchmarks.quality.peers.scoring import Scores
from benchmarks.quality.peers.similarity import SimilarityPeer, dense
from benchmarks.quality.protocol import Known


class Cooccurrence(SimilarityPeer):
    """Baskets with both products. `weighted`: a basket counts 1/log(2 + size). `half_life_days`: weights halve in that time."""

    def __init__(self, *, weighted: bool, half_life_days: float | None = None) -> None:
        how = "weighted co-occurrence" if weighted else "co-occurrence"
        super().__init__(how + ("" if half_life_days is None else f", half-life {half_life_days:.0f} d"))
        self._weighted = weighted
        self._half_life = half_life_days

    def learn_similarity(self, known: Known) -> None:
        interactions = Interactions(known, self.items, "session_id")
        baskets = binary(interactions.matrix())
        weight = np.ones(baskets.shape[0])
        if self._weighted:
            weight /= np.log(2.0 + np.asarray(baskets.sum(axis=1)).ravel())
        if self._half_life is not None:
            weight *= 0.5 ** (interactions.row_age_days() / self._half_life)
        together = (baskets.T @ diags(weight.astype(np.float32)) @ baskets).tocsr()
        together.setdiag(0)
        self._together = together

    def apply(self, profile: Sparse) -> Scores:
        return dense(profile @ self._together)
