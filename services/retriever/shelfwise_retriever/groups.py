"""Rows that share one document: found once, answered as rows."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class RowGroups:
    """Products with the same text share one vector (or one lexical document); a group is the rows that do.

    `rows[starts[g]:starts[g + 1]]` are the rows of group g, ascending, hence most popular first.
    """

    of_row: Rows  # [n]: the group of each row
    starts: NDArray[np.int64]  # [m + 1]
    rows: Rows  # [n]

    @classmethod
    def of(cls, of_row: Rows, count: int) -> Self:
        """Groups numbered 0 to `count - 1`, from the group of each row."""
        starts = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(of_row, minlength=count), out=starts[1:])
        return cls(np.ascontiguousarray(of_row, np.int32), starts, np.argsort(of_row, kind="stable").astype(np.int32))

    @property
    def sizes(self) -> NDArray[np.int64]:
        """[m]: how many rows each group has."""
        return np.diff(self.starts)

    @property
    def count(self) -> int:
        return len(self.starts) - 1

    def having(self, mask: Mask) -> Mask:
        """[m]: which groups have a row in `mask` ([n])."""
        found = np.zeros(self.count, np.bool_)
        found[self.of_row[mask]] = True
        return found

    def expand(
        self, groups: NDArray[np.int64], scores: Scores, limit: int, mask: Mask | None = None, barred: int | None = 0
    ) -> tuple[Rows, Scores]:
        """The rows of `groups`, best first, equal scores in row order, at most `limit`.

        Args:
            groups: group numbers, by falling score.
            scores: theirs.
            mask: rows that may be answered; all when None.
            barred: at most so many rows are outside `mask`; None when unknown.
        """
        if not len(groups):
            return np.empty(0, np.int32), np.empty(0, np.float32)
        first = self.starts[groups]
        sizes = self.starts[groups + 1] - first
        if barred is not None:
            wanted = limit + barred
            np.minimum(sizes, wanted, out=sizes)
            needed = int(np.searchsorted(np.cumsum(sizes), wanted)) + 1
            if needed < len(groups):
                # Groups that tie with the last needed one may hold lower rows.
                needed = int(np.searchsorted(-scores, -scores[needed - 1], "right"))
                first, sizes, scores = first[:needed], sizes[:needed], scores[:needed]
        ends = np.cumsum(sizes)
        rows = self.rows[np.repeat(first - (ends - sizes), sizes) + np.arange(ends[-1])]
        row_scores = np.repeat(scores, sizes)
        if mask is not None:
            kept = mask[rows]
            rows, row_scores = rows[kept], row_scores[kept]
        order = np.lexsort((rows, -row_scores))[:limit]
        return rows[order], row_scores[order]
