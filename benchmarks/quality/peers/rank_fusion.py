"""Reciprocal rank fusion (Cormack, 2009) of other peers."""

from collections.abc import Sequence

from benchmarks.quality.protocol import Known, Question, Ranking, System

NAME = "rank fusion"
"""The names of fusions begin with this; they are not single baselines."""

K = 60
DEPTH = 200


class RankFusion:
    """Each part gives a product 1 / (60 + its place there), and nothing to products outside of its best 200."""

    def __init__(self, label: str, parts: Sequence[System]) -> None:
        self.name = f"{NAME}: {label}"
        self._parts = parts

    def fit(self, known: Known) -> None:
        for part in self._parts:
            part.fit(known)

    def rank(self, questions: Sequence[Question], depth: int) -> list[Ranking]:
        answers = [part.rank(questions, max(DEPTH, depth)) for part in self._parts]
        return [fused(rankings)[:depth] for rankings in zip(*answers, strict=True)]


def fused(rankings: Sequence[Ranking]) -> Ranking:
    """One order of all products of the rankings. Among equals, the product that an earlier ranking lists comes first."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, product in enumerate(ranking, start=1):
            scores[product] = scores.get(product, 0.0) + 1.0 / (K + place)
    return sorted(scores, key=lambda product: -scores[product])
