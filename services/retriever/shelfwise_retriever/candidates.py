"""The union of what the sources found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.distinct import distinct
from shelfwise_retriever.groups import Rows, Scores
from shelfwise_retriever.sources.base import Hits, Question, Source


@dataclass(frozen=True, slots=True)
class Candidates:
    """The union of what the sources found, in columns, best first by `order`, after the `named` product if there is one."""

    rows: NDArray[np.int32]
    ids: list[str]
    scores: dict[str, NDArray[np.float32]]  # one array per queried source; NaN: the source has no score
    order: NDArray[np.float32]
    why_fewer: str | None
    named: str | None = None
    """The product whose id is the text."""


def union(hits: Sequence[Hits], named: int | None) -> Rows:
    """The rows that any source found and the named row, ascending."""
    named_too = [] if named is None else [np.array([named], np.int32)]
    return distinct(np.concatenate([*(found.rows for found in hits), *named_too]))


def best_first(rows: Rows, order: Scores, named: int | None) -> NDArray[np.intp]:
    """Places in `rows` (ascending) from best to worst by `order`, after the place of the named row.

    In a tie the lower row comes first: it is the more popular product.
    """
    best = np.argsort(-order, kind="stable")
    if named is None:
        return best
    at = np.searchsorted(rows, named)
    return np.concatenate([[at], best[best != at]])


def scores_of(source: Source, question: Question, rows: Rows, found: Hits) -> NDArray[np.float32]:
    """The source's scores of `rows` (ascending): for those that it found, and for the others if it can score them."""
    column = np.full(len(rows), np.nan, np.float32)
    column[np.searchsorted(rows, found.rows)] = found.scores
    others = np.flatnonzero(np.isnan(column))
    if len(others):
        told = source.scores_of(question, rows[others])
        if told is not None:
            column[others] = told
    return column
