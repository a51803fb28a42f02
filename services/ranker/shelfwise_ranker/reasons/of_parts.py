"""Reasons for candidates that no model put in order: what each part added to the score, and the sentence."""

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.reason import Phrase, Reason
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.reasons.of_behavior import of_source
from shelfwise_ranker.reasons.of_model import Values, in_words, of_popularity, said
from shelfwise_ranker.stand_in import POPULARITY, Parts

_SAID_BY = frozenset({"own_views", "own_purchases", POPULARITY, "decayed_minus_mean"})
"""Columns whose features compute all that the sentences look at."""


def reasons_of_parts(request: FeatureRequest, parts: Parts, scores: NDArray[np.float64], count: int) -> dict[int, Reason]:
    """Reasons for the best `count` candidates of a shopper's question, by their position in the request."""
    best = np.argsort(-scores, kind="stable")[:count].tolist()
    names, matrix = registry.names(request.kind), registry.matrix(request, _SAID_BY)
    found: dict[int, Reason] = {}
    for position in best:
        values = dict(zip(names, matrix[position].tolist(), strict=True))
        added = {name: value for name, column in parts.items() if (value := float(column[position])) != 0.0}
        found[position] = said(_phrases(request, position, added, values), 0.0, added)
    return found


def _phrases(request: FeatureRequest, position: int, added: dict[str, float], values: Values) -> list[Phrase]:
    def phrase_of(part: str) -> Phrase | None:
        if part == POPULARITY:
            return of_popularity(request, position, values) or Phrase("touched_by_others")
        return of_source(request, position, values, part)

    return in_words(added, phrase_of) or [of_popularity(request, position, values) or Phrase("in_the_shop")]
