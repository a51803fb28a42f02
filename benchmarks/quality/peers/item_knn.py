"""Item-to-item neighbors by cosine, by the library `implicit`."""

import warnings

import numpy as np
from implicit.nearest_neighbours import CosineRecommender
from implicit.utils import ParameterWarning

from benchmarks.quality.peers.interactions import Interactions, Rows, Sparse, binary
from benchmarks.quality.peers.scoring import Scores
from benchmarks.quality.peers.similarity import SimilarityPeer, dense
from benchmarks.quality.protocol import Known

NEIGHBORS = 200


class ItemKnn(SimilarityPeer):
    """Neighbors by the users who bought both products, or by the baskets with both. With a half-life, old rows weigh less."""

    def __init__(self, rows: Rows, half_life_days: float | None = None, *, neighbors: int = NEIGHBORS) -> None:
        within = "users" if rows == "user_id" else "baskets"
        recent = "" if half_life_days is None else f", half-life {half_life_days:.0f} d"
        super().__init__(f"item kNN over {within}{recent} (implicit)")
        self._rows = rows
        self._half_life = half_life_days
        self._neighbors = neighbors

    def learn_similarity(self, known: Known) -> None:
        interactions = Interactions(known, self.items, self._rows)
        matrix = binary(interactions.matrix())
        if self._half_life is not None:
            # The square root, because the similarity multiplies two entries of a row.
            matrix = matrix.multiply(np.sqrt(0.5 ** (interactions.row_age_days() / self._half_life))[:, None]).tocsr()
        model = CosineRecommender(K=self._neighbors, num_threads=1)
        with warnings.catch_warnings():
            # The library warns of a matrix format that its own normalization produces.
            warnings.simplefilter("ignore", ParameterWarning)
            model.fit(matrix, show_progress=False)
        self._similarity = model.similarity

    def apply(self, profile: Sparse) -> Scores:
        return dense(profile @ self._similarity)
