"""Which products go with which: for each row a short list of others, in columns."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.groups import Rows, Scores


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """`others[numbers[starts[r]:starts[r + 1]]]` go with row r, each with its score (positive; higher goes better).

    Only rows in some list have a number, so adding up lists takes time for what can be found, not for the whole catalog.
    """

    starts: NDArray[np.int64]  # [n + 1]
    numbers: NDArray[np.int32]  # [entries]
    scores: Scores  # [entries]
    others: Rows  # [m] ascending

    @classmethod
    def of(cls, starts: NDArray[np.int64], rows: Rows, scores: Scores) -> Self:
        """From the rows themselves; those of row r are at `starts[r]:starts[r + 1]`."""
        others, numbers = np.unique(rows, return_inverse=True)
        return cls(starts, numbers.astype(np.int32), scores.astype(np.float32, copy=False), others.astype(np.int32, copy=False))

    @classmethod
    def none(cls, count: int) -> Self:
        """Empty lists for `count` rows."""
        return cls.of(np.zeros(count + 1, np.int64), np.empty(0, np.int32), np.empty(0, np.float32))

    @property
    def count(self) -> int:
        return len(self.starts) - 1

    def __len__(self) -> int:
        """The number of entries in all lists."""
        return len(self.numbers)

    def of_row(self, row: int) -> tuple[Rows, Scores]:
        """The list of one row, in no order."""
        part = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return self.others[self.numbers[part]], self.scores[part]

    def accumulate(self, rows: Rows, weights: Scores) -> Scores:
        """[m]: for each of `others`, the sum over `rows` of weight × score; 0 if none of their lists holds it."""
        first = self.starts[rows]
        sizes = self.starts[rows + 1] - first
        ends = np.cumsum(sizes)
        if not len(ends) or not ends[-1]:
            return np.zeros(len(self.others), np.float32)
        places = np.repeat(first - (ends - sizes), sizes) + np.arange(ends[-1])
        weighted = self.scores[places] * np.repeat(weights, sizes)
        return np.bincount(self.numbers[places], weighted, len(self.others)).astype(np.float32)
