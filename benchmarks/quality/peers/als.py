"""Matrix factorization for implicit feedback, by the library `implicit`."""

from collections.abc import Sequence

import numpy as np
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from benchmarks.quality.peers.interactions import Interactions
from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.protocol import Known, Question

ALPHA = 1.0
"""How much more a purchase counts than its absence; applied to the counts of purchases."""


class Als(ScoringPeer):
    """Factorizes users × products by alternating least squares. A user without a past gets the catalog's order."""

    def __init__(self, factors: int = 64, seed: int = 0) -> None:
        super().__init__(f"ALS {factors} (implicit)")
        self._factors = factors
        self._seed = seed

    def learn(self, known: Known) -> None:
        self._users = Interactions(known, self.items, "user_id")
        # The library's threads and those of BLAS would wait for each other. It warns if BLAS has more than one.
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=self._factors, regularization=0.05, alpha=ALPHA, iterations=15, num_threads=1, random_state=self._seed
            )
            model.fit(self._users.matrix(), show_progress=False)
        self._user_factors = np.asarray(model.user_factors, dtype=np.float32)
        self._item_factors = np.asarray(model.item_factors, dtype=np.float32)

    def scores(self, questions: Sequence[Question]) -> Scores:
        found = np.zeros((len(questions), len(self.items)), dtype=np.float32)
        known = [row for row, one in enumerate(questions) if one.user in self._users.row_of]
        users = [self._users.row_of[str(questions[row].user)] for row in known]
        found[known] = self._user_factors[users] @ self._item_factors.T
        return found
