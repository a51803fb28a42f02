"""Which products go with which: for each row a short list of others, in columns."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.groups import Rows, Scores


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """`rows[starts[r]:starts[r + 1]]` go with row r, each with its score (positive; higher goes better)."""

    starts: NDArray[np.int64]  # [n + 1]
    rows: Rows  # [entries]
    scores: Scores  # [entries]

    @classmethod
    def none(cls, count: int) -> Self:
        """Empty lists for `count` rows."""
        return cls(np.zeros(count + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))

    @property
    def count(self) -> int:
        return len(self.starts) - 1

    def of(self, row: int) -> tuple[Rows, Scores]:
        """The list of one row, in no order."""
        part = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return self.rows[part], self.scores[part]

    def accumulate(self, rows: Rows, weights: Scores) -> Scores:
        """[n]: for every row the sum over `rows` of weight × score; 0 where no list of theirs holds it."""
        first = self.starts[rows]
        sizes = self.starts[rows + 1] - first
        ends = np.cumsum(sizes)
        if not len(ends) or not ends[-1]:
            return np.zeros(self.count, np.float32)
        places = np.repeat(first - (ends - sizes), sizes) + np.arange(ends[-1])
        weighted = self.scores[places] * np.repeat(weights, sizes)
        return np.bincount(self.rows[places], weighted, self.count).astype(np.float32)
