"""Reciprocal rank fusion (Cormack, 2009) of other peers."""

from collections.abc import Sequence

from benchmarks.quality.protocol import Known, Question, Ranking, System

NAME = "rank fusion"
"""How the names of fusions begin: they are no single baseline."""

K = 60
DEPTH = 200


class RankFusion:
    """Each part gives a product 1 / (60 + its place there); what it does not list in its best 200 gets nothing from it."""

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
    """One order of all products in any of the rankings; of equals, the one that the earlier ranking lists first."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for place, product in enumerate(ranking, start=1):
            scores[product] = scores.get(product, 0.0) + 1.0 / (K + place)
    return sorted(scores, key=lambda product: -scores[product])
