"""Arrays that grow at their end."""

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Kind = TypeVar("Kind", bound=np.generic)

_LEAST_ROOM = 64
_GROWTH = 8


class Column(Generic[Kind]):
    """An array that grows. `values` is the used part of a larger array: appending is cheap, and reading costs no extra.

    Nothing is copied before the first change, so an array that never changes may be shared or read-only.
    """

    __slots__ = ("_room", "values")

    def __init__(self, values: NDArray[Kind]) -> None:
        """`values`: [n]"""
        self._room = self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def append(self, more: ArrayLike) -> None:
        """Append one value or an array of them."""
        added = np.atleast_1d(np.asarray(more, self.values.dtype))
        used, needed = len(self.values), len(self.values) + len(added)
        if needed > len(self._room) or not self._room.flags.writeable:
            self._make_room(needed)
        self._room[used:needed] = added
        self.values = self._room[:needed]

    def put(self, row: int, value: Any, fill: Any) -> None:
        """Set the value of one row; rows between the last one and a new one get `fill`."""
        if row >= len(self.values):
            self.append(np.full(row + 1 - len(self.values), fill, self.values.dtype))
        elif not self._room.flags.writeable:
            self._make_room(len(self.values))
        self._room[row] = value

    def put_all(self, rows: NDArray[np.integer[Any]], values: ArrayLike, fill: Any) -> None:
        """Set the values of several rows, as `put`."""
        if len(rows):
            last = int(rows.max())
            self.put(last, self.values[last] if last < len(self.values) else fill, fill)
            self._room[rows] = values

    def _make_room(self, needed: int) -> None:
        room = np.empty(needed + needed // _GROWTH + _LEAST_ROOM, self.values.dtype)
        room[: len(self.values)] = self.values
        self._room = room
        self.values = room[: len(self.values)]
