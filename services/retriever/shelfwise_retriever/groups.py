"""Rows that share one document: found once, answered as rows."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

_AHEAD = 4


def places_within(groups: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """[k]: how many of the same group stand before each place of `groups` ([k])."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    places = np.empty(len(groups), np.int64)
    places[order] = np.arange(len(groups)) - np.repeat(first, np.diff(np.append(first, len(groups))))
    return places


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
        self,
        groups: NDArray[np.int64],
        scores: Scores,
        limit: int,
        mask: Mask | None = None,
        barred: int | None = 0,
        cap: int | None = None,
    ) -> tuple[Rows, Scores]:
        """The rows of `groups`, best first, equal scores in row order, at most `limit`.

        Args:
            groups: group numbers, by falling score.
            scores: theirs.
            mask: rows that may be answered; all when None.
            barred: at most so many rows are outside `mask`; None when unknown.
            cap: at most so many rows of each group.
        """
        if not len(groups):
            return np.empty(0, np.int32), np.empty(0, np.float32)
        first = self.starts[groups]
        sizes = self.starts[groups + 1] - first
        if cap is not None:
            if mask is not None:
                return self._capped(first, sizes, scores, limit, mask, cap)
            np.minimum(sizes, cap, out=sizes)
        if barred is not None:
            wanted = limit + barred
            np.minimum(sizes, wanted, out=sizes)
            needed = int(np.searchsorted(np.cumsum(sizes), wanted)) + 1
            if needed < len(groups):
                # Groups that tie with the last needed one may hold lower rows.
                needed = int(np.searchsorted(-scores, -scores[needed - 1], "right"))
                first, sizes, scores = first[:needed], sizes[:needed], scores[:needed]
        rows, row_scores = self._gather(first, sizes), np.repeat(scores, sizes)
        if mask is not None:
            kept = mask[rows]
            rows, row_scores = rows[kept], row_scores[kept]
        return _best(rows, row_scores, limit)

    def _capped(
        self, first: NDArray[np.int64], sizes: NDArray[np.int64], scores: Scores, limit: int, mask: Mask, cap: int
    ) -> tuple[Rows, Scores]:
        """The first `cap` rows in `mask` of each group. A few rows of each are looked at first, for that is mostly enough."""
        looked = np.minimum(sizes, _AHEAD * cap)
        passing = mask[self._gather(first, looked)]
        found = np.add.reduceat(passing, np.cumsum(looked) - looked, dtype=np.int64)
        short = (found < cap) & (looked < sizes)
        if short.any():
            looked[short] = sizes[short]
            passing = mask[self._gather(first, looked)]
        kept = np.flatnonzero(passing)
        owners = np.repeat(np.arange(len(first)), looked)[kept]
        kept = kept[places_within(owners) < cap]
        return _best(self._gather(first, looked)[kept], np.repeat(scores, looked)[kept], limit)

    def _gather(self, first: NDArray[np.int64], sizes: NDArray[np.int64]) -> Rows:
        """The first `sizes` rows of the groups that start at `first`, group after group."""
        ends = np.cumsum(sizes)
        rows: Rows = self.rows[np.repeat(first - (ends - sizes), sizes) + np.arange(ends[-1])]
        return rows


def _best(rows: Rows, scores: Scores, limit: int) -> tuple[Rows, Scores]:
    order = np.lexsort((rows, -scores))[:limit]
    return rows[order], scores[order]
