"""Purchases as sparse matrices."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from benchmarks.quality.peers.items import Items
from benchmarks.quality.protocol import Known, Question

Sparse = Any
"""scipy.sparse.csr_matrix; scipy has no types."""

Rows = Literal["user_id", "session_id"]
"""A row of a matrix: all purchases of a user, or one basket."""


class Interactions:
    """What each user (or basket) bought, how often, and how long before the moment of the questions."""

    def __init__(self, known: Known, items: Items, rows: Rows) -> None:
        numbers = pl.DataFrame({"product_id": items.ids, "item": np.arange(len(items))})
        # A basket counts a product once, however many pieces it has.
        lines = (
            known.purchases()
            .filter(pl.col(rows).is_not_null())
            .unique([rows, "session_id", "product_id"], keep="first", maintain_order=True)
        )
        lines = lines.join(numbers, on="product_id", maintain_order="left")
        self.names: list[str] = lines[rows].unique(maintain_order=True).to_list()
        self.row_of = {name: row for row, name in enumerate(self.names)}
        self._rows = lines[rows].replace_strict(self.row_of, return_dtype=pl.Int64).to_numpy()
        self._items = lines["item"].to_numpy()
        self._shape = (len(self.names), len(items))
        self.age_days: NDArray[np.float64] = _age_days(lines, known)

    def matrix(self, weights: NDArray[np.float64] | None = None) -> Sparse:
        """[rows, items] float32: the sum over purchases of `weights` (one for each, in the order of `age_days`), or of 1."""
        values = np.ones(len(self._rows)) if weights is None else weights
        return csr_matrix((values.astype(np.float32), (self._rows, self._items)), shape=self._shape)

    def row_age_days(self) -> NDArray[np.float64]:
        """[rows]: the age of a row's latest purchase."""
        age = np.full(self._shape[0], np.inf)
        np.minimum.at(age, self._rows, self.age_days)
        return age


def binary(matrix: Sparse) -> Sparse:
    """The matrix with every stored value set to 1."""
    found = matrix.copy()
    found.data[:] = 1.0
    return found


def profiles(questions: Sequence[Question], items: Items, users: Interactions, history: Sparse) -> Sparse:
    """[questions, items]: a question's seeds, or its user's row of `history` ([users, items])."""
    parts = []
    for question in questions:
        if question.user is not None and question.user in users.row_of:
            row = history[users.row_of[question.user]]
            parts.append((row.indices, row.data))
        else:
            seeds = items.numbers(question.seeds)
            parts.append((seeds, np.ones(len(seeds), dtype=np.float32)))
    lengths = np.cumsum([0, *(len(indices) for indices, _ in parts)])
    indices = np.concatenate([indices for indices, _ in parts]) if parts else np.empty(0)
    values = np.concatenate([values for _, values in parts]) if parts else np.empty(0)
    return csr_matrix((values.astype(np.float32), indices.astype(np.int64), lengths), shape=(len(parts), len(items)))


def _age_days(lines: pl.DataFrame, known: Known) -> NDArray[np.float64]:
    if lines.is_empty():
        return np.zeros(0)
    moment = known.moment if known.moment is not None else lines["timestamp"].max()
    return (
        lines.select((pl.lit(moment) - pl.col("timestamp")).dt.total_seconds() / 86_400)
        .to_series()
        .to_numpy()
        .astype(np.float64)
    )
