"""A random order: the lower end of the scale."""

import zlib
from collections.abc import Sequence

import numpy as np

from benchmarks.quality.peers.scoring import Scores, ScoringPeer
from benchmarks.quality.protocol import Known, Question


class Chance(ScoringPeer):
    """Random scores, the same for the same question."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__("random")
        self._seed = seed

    def learn(self, known: Known) -> None:
        """Learn nothing."""

    def scores(self, questions: Sequence[Question]) -> Scores:
        rows = [np.random.default_rng([self._seed, zlib.crc32(one.id.encode())]) for one in questions]
        return np.stack([row.random(len(self.items), dtype=np.float32) for row in rows])
