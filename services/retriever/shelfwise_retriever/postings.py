"""Values and the rows that have them."""

from collections.abc import Iterable

import numpy as np
import orjson
import polars as pl

from shelfwise.values import folded
from shelfwise_retriever.column import Column
from shelfwise_retriever.distinct import distinct
from shelfwise_retriever.groups import Rows


class Postings:
    """For each folded value, the rows that have it, ascending."""

    __slots__ = ("_grown", "_rows")

    def __init__(self, rows: dict[str, Rows] | None = None) -> None:
        self._rows = rows if rows is not None else {}
        self._grown: dict[str, Column[np.int32]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, value: str) -> Rows | None:
        """The rows of an already folded value; None if no row has it."""
        return self._rows.get(value)

    def add(self, value: str, row: int) -> None:
        """Add a row. It is mostly a new row, higher than all others, so nothing has to be moved."""
        rows = self._rows.get(value)
        if rows is None:
            self._rows[value] = np.array([row], np.int32)
        elif row > rows[-1]:
            grown = self._grown.get(value)
            if grown is None:
                grown = self._grown[value] = Column(rows)
            grown.append(row)
            self._rows[value] = grown.values
        elif rows[place := int(np.searchsorted(rows, row))] != row:
            self._replace(value, np.insert(rows, place, row))

    def discard(self, value: str, row: int) -> None:
        rows = self._rows.get(value)
        if rows is None:
            return
        place = int(np.searchsorted(rows, row))
        if place < len(rows) and rows[place] == row:
            self._replace(value, np.delete(rows, place))

    def _replace(self, value: str, rows: Rows) -> None:
        self._grown.pop(value, None)
        if len(rows):
            self._rows[value] = rows
        else:
            del self._rows[value]


def postings_of(values: pl.DataFrame) -> Postings:
    """Postings from pairs (row, value)."""
    grouped = values.drop_nulls().group_by("value").agg("row")
    return _joined((folded(value), _rows(rows)) for value, rows in zip(*grouped.select("value", "row"), strict=True))


def attribute_postings_of(values: pl.DataFrame) -> dict[str, Postings]:
    """Postings by attribute name, from pairs (row, JSON object); every distinct object is parsed once."""
    pairs: dict[str, list[tuple[str, Rows]]] = {}
    grouped = values.drop_nulls().group_by("value").agg("row")
    for text, rows in zip(*grouped.select("value", "row"), strict=True):
        for name, value in orjson.loads(text).items():
            pairs.setdefault(folded(name), []).append((folded(str(value)), _rows(rows)))
    return {name: _joined(found) for name, found in pairs.items()}


def _joined(found: Iterable[tuple[str, Rows]]) -> Postings:
    parts: dict[str, list[Rows]] = {}
    for value, rows in found:
        parts.setdefault(value, []).append(rows)
    return Postings({value: distinct(np.concatenate(rows)) for value, rows in parts.items()})


def _rows(rows: pl.Series) -> Rows:
    return rows.to_numpy().astype(np.int32)
