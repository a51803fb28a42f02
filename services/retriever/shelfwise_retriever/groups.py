"""Groups of rows that share one document: a search finds the group and the answer lists its rows."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shelfwise_retriever.column import Column

Rows = NDArray[np.int32]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

_AHEAD = 4
_LEAST_ROOM = 4


def places_within(groups: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """[k]: for each place of `groups` ([k]), how many earlier places hold the same group."""
    order = groups.argsort(kind="stable")
    ordered = groups[order]
    places = np.empty(len(groups), np.int64)
    places[order] = np.arange(len(groups)) - ordered.searchsorted(ordered)
    return places


class RowGroups:
    """Groups of rows: products with the same text share one vector (or one lexical document).

    `rows[starts[g]:starts[g] + sizes[g]]` are the rows of group g, ascending, hence most popular first. Rows join and leave
    groups in place; a reference to one of the arrays may therefore show an earlier state.
    """

    __slots__ = ("_of_row", "_room", "_rows", "_sizes", "_starts", "empty", "of_row", "rows", "sizes", "starts")

    def __init__(self, of_row: Rows, starts: NDArray[np.int64], sizes: NDArray[np.int64], rows: Rows) -> None:
        self._of_row, self._starts, self._sizes, self._rows = Column(of_row), Column(starts), Column(sizes), Column(rows)
        self._room: dict[int, int] = {}  # places reserved in `rows` for a changed group, where they are not its size
        self.empty = int(np.count_nonzero(sizes == 0))
        """How many groups have no rows."""
        self._look()

    def _look(self) -> None:
        self.of_row = self._of_row.values  # [n]: the group of each row, -1 for a row that has left
        self.starts = self._starts.values  # [m]
        self.sizes = self._sizes.values  # [m]: how many rows each group has
        self.rows = self._rows.values

    @classmethod
    def of(cls, of_row: Rows, count: int) -> Self:
        """Groups 0 to `count - 1`, given the group of each row (-1: the row has none). `of_row` is not copied."""
        of_row = np.ascontiguousarray(of_row, np.int32)
        order = np.argsort(of_row, kind="stable").astype(np.int32)
        order = order[np.count_nonzero(of_row < 0) :]
        sizes = np.bincount(of_row[order], minlength=count).astype(np.int64)
        return cls(of_row, np.cumsum(sizes) - sizes, sizes, order)

    @property
    def count(self) -> int:
        return len(self.sizes)

    def rows_of(self, group: int) -> Rows:
        start = self.starts[group]
        return self.rows[start : start + self.sizes[group]]

    def firsts(self) -> tuple[NDArray[np.int64], Rows]:
        """The groups that have rows, ordered by their first row, and these first rows."""
        groups = np.flatnonzero(self.sizes)
        first = self.rows[self.starts[groups]]
        order = np.argsort(first, kind="stable")
        return groups[order], first[order]

    def put(self, row: int, group: int) -> None:
        """Move the row to `group`, out of its present one; `group` may be `count`, which creates a new group."""
        if row < len(self.of_row):
            if self.of_row[row] == group:
                return
            self.take(row)
        if group == self.count:
            self._starts.append(len(self.rows))
            self._sizes.append(0)
            self.empty += 1
            self._look()
        size = int(self.sizes[group])
        if size == self._room.get(group, size):
            self._move(group, size)
        start = int(self.starts[group])
        place = start + int(np.searchsorted(self.rows[start : start + size], row))
        self.rows[place + 1 : start + size + 1] = self.rows[place : start + size].copy()
        self.rows[place] = row
        self.empty -= size == 0
        self._sizes.put(group, size + 1, 0)
        self._of_row.put(row, group, -1)
        self._look()

    def take(self, row: int) -> None:
        """Take the row out of its group, if it is in one. A new row becomes known as one without a group."""
        if row >= len(self.of_row):
            self._of_row.put(row, -1, -1)
            self._look()
        group = int(self.of_row[row])
        if group < 0:
            return
        start, size = int(self.starts[group]), int(self.sizes[group])
        self._room.setdefault(group, size)
        if not self.rows.flags.writeable:
            self._rows.put(start, self.rows[start], 0)
            self._look()
        place = start + int(np.searchsorted(self.rows[start : start + size], row))
        self.rows[place : start + size - 1] = self.rows[place + 1 : start + size].copy()
        self.empty += size == 1
        self._sizes.put(group, size - 1, 0)
        self._of_row.put(row, -1, -1)
        self._look()

    def _move(self, group: int, size: int) -> None:
        """Move a full group to the end of `rows`, with twice as many places."""
        room = max(_LEAST_ROOM, 2 * size)
        places = np.zeros(room, np.int32)
        places[:size] = self.rows_of(group)
        self._starts.put(group, len(self.rows), 0)
        self._rows.append(places)
        self._room[group] = room
        self._look()

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
            scores: the groups' scores.
            mask: rows that may be answered; None: all.
            barred: at most this many rows are outside `mask`; None: unknown.
            cap: at most this many rows of each group.
        """
        if not len(groups):
            return np.empty(0, np.int32), np.empty(0, np.float32)
        first, sizes = self.starts[groups], self.sizes[groups]
        if cap is not None:
            if mask is not None:
                return self._capped(first, sizes, scores, limit, mask, cap)
            np.minimum(sizes, cap, out=sizes)
        if barred is not None:
            wanted = limit + barred
            np.minimum(sizes, wanted, out=sizes)
            needed = int(np.searchsorted(np.cumsum(sizes), wanted)) + 1
            if needed < len(first):
                # Groups that tie with the last needed one may hold lower row numbers.
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
        """The first `cap` rows in `mask` of each group. Look at a few rows per group first, which is mostly enough."""
        if self.empty and not sizes.all():
            some = np.flatnonzero(sizes)
            first, sizes, scores = first[some], sizes[some], scores[some]
            if not len(some):
                return np.empty(0, np.int32), np.empty(0, np.float32)
        looked = np.minimum(sizes, _AHEAD * cap)
        rows, passing, found = self._passing(first, looked, mask)
        short = (found < cap) & (looked < sizes)
        if short.any():
            looked[short] = sizes[short]
            rows, passing, found = self._passing(first, looked, mask)
        kept = np.flatnonzero(passing)
        kept = kept[np.arange(len(kept)) - np.repeat(np.cumsum(found) - found, found) < cap]
        return _best(rows[kept], np.repeat(scores, looked)[kept], limit)

    def _passing(self, first: NDArray[np.int64], sizes: NDArray[np.int64], mask: Mask) -> tuple[Rows, Mask, NDArray[np.int64]]:
        """The first `sizes` rows of the groups that start at `first`, which of them are in `mask`, and how many per group."""
        rows = self._gather(first, sizes)
        passing = mask[rows]
        return rows, passing, np.add.reduceat(passing, np.cumsum(sizes) - sizes, dtype=np.int64)

    def _gather(self, first: NDArray[np.int64], sizes: NDArray[np.int64]) -> Rows:
        """The first `sizes` rows of the groups that start at `first`, group after group."""
        ends = np.cumsum(sizes)
        rows: Rows = self.rows[np.repeat(first - (ends - sizes), sizes) + np.arange(ends[-1])]
        return rows


def _best(rows: Rows, scores: Scores, limit: int) -> tuple[Rows, Scores]:
    order = np.lexsort((rows, -scores))[:limit]
    return rows[order], scores[order]
