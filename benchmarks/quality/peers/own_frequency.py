"""What this user buys most often: the hardest baseline where people buy the same products again."""

from collections.abc import Sequence

import numpy as np

from benchmarks.quality.peers.interactions import Interactions
from benchmarks.quality.peers.popularity import recent_counts
from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.protocol import Known, Question

FILL_DAYS = 30


class OwnFrequency(ScoringPeer):
    """The number of the user's baskets with the product. With `half_life_days`, a basket's weight halves in that time.

    Among equally frequent products, those bought more recently are first. Products that the user never bought follow, by
    popularity in the last 30 days.
    """

    def __init__(self, half_life_days: float | None = None) -> None:
        super().__init__("own frequency" + ("" if half_life_days is None else f", half-life {half_life_days:.0f} d"))
        self._half_life = half_life_days

    def learn(self, known: Known) -> None:
        self._users = users = Interactions(known, self.items, "user_id")
        weights = np.ones(len(users.age_days)) if self._half_life is None else 0.5 ** (users.age_days / self._half_life)
        self._bought = users.matrix(weights)
        # Far below any difference between counts, so that it only breaks ties.
        self._recency = users.matrix(1e-4 * 0.5 ** (users.age_days / 30))
        counts = recent_counts(known, self.items, FILL_DAYS)
        self._others = counts / (counts.max(initial=0.0) + 1.0) - 1.0

    def scores(self, questions: Sequence[Question]) -> Scores:
        found = np.tile(self._others, (len(questions), 1))
        for row, question in enumerate(questions):
            user = self._users.row_of.get(question.user) if question.user is not None else None
            if user is not None:
                own, recency = self._bought[user], self._recency[user]
                found[row, own.indices] = own.data
                found[row, recency.indices] += recency.data
        return found
