"""What the shopper bought before, and what they looked at."""

import numpy as np

from shelfwise.contracts.history import HALF_LIFE_S
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Question
from shelfwise_retriever.sources.scored import ScoredSource

_ONLY_WANTED = np.float32(1e-3)
"""Products put into the cart or looked at but never bought rank below everything bought within the last years."""


class OwnSource(ScoredSource):
    """Purchases, halved every 60 days; then products that the shopper wanted but did not buy."""

    name = "own"

    def score(self, question: Question) -> tuple[Rows, Scores] | None:
        past = question.past
        if past is None or not len(past):
            return None
        wanted = _ONLY_WANTED * past.strength * np.exp2(-past.last_s / HALF_LIFE_S)
        return _ascending(past.rows, np.where(past.purchases > 0, past.decayed, wanted).astype(np.float32))


class ViewedSource(ScoredSource):
    """Products looked at or put into the cart, the latest first; the score is 1 / rank."""

    name = "viewed"

    def score(self, question: Question) -> tuple[Rows, Scores] | None:
        if question.past is None:
            return None
        ago = question.past.last_look_s  # not the last touch: a product bought every week may have been looked at long ago
        latest_first = np.argsort(ago, kind="stable")[: np.count_nonzero(~np.isnan(ago))]
        rows = question.past.rows[latest_first]
        return _ascending(rows, (1 / np.arange(1, len(rows) + 1)).astype(np.float32))


def _ascending(rows: Rows, scores: Scores) -> tuple[Rows, Scores]:
    order = np.argsort(rows, kind="stable")
    return rows[order], scores[order]
