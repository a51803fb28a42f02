"""The base class of peers with a similarity between items. They answer a question from its profile."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from benchmarks.quality.peers.interactions import Interactions, Sparse, binary, profiles
from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.protocol import Known, Question


class SimilarityPeer(ScoringPeer):
    """Scores are profile times similarity. A profile is the user's distinct purchases, or the seeds."""

    def learn(self, known: Known) -> None:
        self._users = Interactions(known, self.items, "user_id")
        self._history = binary(self._users.matrix())
        self.learn_similarity(known)

    @abstractmethod
    def learn_similarity(self, known: Known) -> None:
        """Learn the similarity of items."""

    @abstractmethod
    def apply(self, profile: Sparse) -> Scores:
        """Scores [questions, items] from profiles [questions, items]."""

    def scores(self, questions: Sequence[Question]) -> Scores:
        return self.apply(profiles(questions, self.items, self._users, self._history))


def dense(scores: Sparse) -> Scores:
    """A sparse matrix product as an array."""
    return np.asarray(scores.toarray(), dtype=np.float32)
