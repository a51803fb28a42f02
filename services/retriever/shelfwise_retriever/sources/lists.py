"""Summed neighbour lists of the seeds, or of the history's products."""

from shelfwise_retriever.behavior import Neighbours
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Question
from shelfwise_retriever.sources.profile import Weigh, profile
from shelfwise_retriever.sources.scored import ScoredSource


class ListSource(ScoredSource):
    """The sum over the question's products of weight × how well the candidate goes with the product."""

    def __init__(self, name: str, neighbours: Neighbours, weigh: Weigh, most: int) -> None:
        """`weigh`: weights of a history's products. `most`: how many products of a question count, which bounds its time."""
        self.name = name
        self._neighbours = neighbours
        self._weigh = weigh
        self._most = most

    def score(self, question: Question) -> tuple[Rows, Scores] | None:
        asked = profile(question, self._weigh, self._neighbours.count, self._most)
        return None if asked is None else (self._neighbours.others, self._neighbours.accumulate(*asked))
