"""Reasons for candidates that were ranked without a model: what each part added to the score, and the sentence."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from shelfwise.contracts.reason import Phrase, Reason
from shelfwise_ranker.features import registry
from shelfwise_ranker.features.request import FeatureRequest
from shelfwise_ranker.reasons.explanation import Added, Explanation
from shelfwise_ranker.reasons.of_behavior import of_source
from shelfwise_ranker.reasons.of_model import Values, in_words, of_popularity, said
from shelfwise_ranker.stand_in import POPULARITY, Parts

_SAID_BY = frozenset({"own_views", "own_purchases", POPULARITY, "decayed_minus_mean"})
"""Columns whose features compute everything that the sentences read."""


def explanation_of_parts(request: FeatureRequest, parts: Parts, positions: list[int]) -> Explanation:
    """The explanation of the candidates at `positions` of a shopper's question, whose scores are the sums of `parts`."""
    columns, matrix = np.array([*parts.values()]).reshape(len(parts), len(request.rows)).T, registry.matrix(request, _SAID_BY)
    return Explanation(positions, lambda some: columns[some], partial(_reasons, request, matrix, [*parts]))


def _reasons(
    request: FeatureRequest, matrix: NDArray[np.float32], parts: Sequence[str], positions: list[int], added: Added
) -> dict[int, Reason]:
    names = registry.names(request.kind)
    found: dict[int, Reason] = {}
    for position, row in zip(positions, added.tolist(), strict=True):
        values = dict(zip(names, matrix[position].tolist(), strict=True))
        contributions = {name: value for name, value in zip(parts, row, strict=True) if value != 0.0}
        found[position] = said(_phrases(request, position, contributions, values), 0.0, contributions)
    return found


def _phrases(request: FeatureRequest, position: int, added: dict[str, float], values: Values) -> list[Phrase]:
    def phrase_of(part: str) -> Phrase | None:
        if part == POPULARITY:
            return of_popularity(request, position, values) or Phrase("touched_by_others")
        return of_source(request, position, values, part)

    return in_words(added, phrase_of) or [of_popularity(request, position, values) or Phrase("in_the_shop")]
