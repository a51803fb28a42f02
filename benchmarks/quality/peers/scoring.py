"""The base class of peers that score every product of the catalog."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers.items import Items, Numbers
from benchmarks.quality.protocol import Known, Question, Ranking

Scores = NDArray[np.float32]
"""[questions, items]; -inf: never answered."""

BLOCK = 128
"""Questions scored at once. For a catalog of 90,000 products, their scores take 45 MB."""


class ScoringPeer(ABC):
    """Scores all products, removes the excluded ones, and sorts. Products of equal score are in order of popularity."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._known: Known | None = None

    def fit(self, known: Known) -> None:
        """See System. A second call with the same object does nothing, because rank fusion shares its parts."""
        if self._known is not known:
            self.items = Items.of(known)
            self.learn(known)
            self._known = known

    @abstractmethod
    def learn(self, known: Known) -> None:
        """Learn from `known`; `self.items` is set already."""

    @abstractmethod
    def scores(self, questions: Sequence[Question]) -> Scores:
        """[questions, items]."""

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        """See System."""
        rankings: list[Ranking] = []
        for start in range(0, len(questions), BLOCK):
            block = questions[start : start + BLOCK]
            for question, row in zip(block, self.scores(block), strict=True):
                rankings.append([self.items.ids[number] for number in self._best(question, row, depth)])
        return rankings

    def _best(self, question: Question, scores: Scores, depth: int) -> Numbers:
        if question.candidates is not None:
            allowed = np.sort(self.items.numbers(dict.fromkeys(question.candidates)))
            return allowed[np.argsort(-scores[allowed], kind="stable")][:depth]
        if question.exclude or question.seeds:
            scores = scores.copy()
            scores[self.items.numbers({*question.exclude, *question.seeds})] = -np.inf
        return best(scores, depth)


def best(scores: Scores, depth: int) -> Numbers:
    """The indices of the `depth` highest finite scores; equal scores are in the order of their indices."""
    depth = min(depth, len(scores))
    if not depth:
        return np.empty(0, dtype=np.int64)
    # Of negated scores: numpy's selection is ten times slower if many equal values lie beyond the requested index.
    least = -np.partition(-scores, depth - 1)[depth - 1]
    if least == -np.inf:
        found = np.flatnonzero(scores > -np.inf)
    else:
        above = np.flatnonzero(scores > least)
        found = np.union1d(above, np.flatnonzero(scores == least)[: depth - len(above)])
    return found[np.argsort(-scores[found], kind="stable")]
