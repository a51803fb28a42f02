"""Exports in which a product's further variants and images are rows without the values of its first row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from shelfwise_pipeline.importing.mapping.evidence import ENOUGH, Evidence
from shelfwise_pipeline.importing.mapping.render import columns_of

SURE = 0.95
"""The share of rows that must have a title exactly if they are the first of their product."""


@dataclass(frozen=True)
class GoingOn:
    """`by`: the column that the rows of one product share; `is_first`: [rows of the sample] whether a row is its product's
    first."""

    by: str
    is_first: pl.Series

    @classmethod
    def found(cls, columns: Mapping[str, Evidence], title: str | None) -> Self | None:
        """Return None if all rows have titles, or if no column tells which product the rows without belong to."""
        if title is None or columns[title].filled >= ENOUGH:
            return None
        titled = columns[title].all.is_not_null()
        for name, column in columns.items():
            if column.filled == 1:
                is_first = column.all.ne_missing(column.all.shift())
                if _share(is_first == titled) >= SURE:
                    return cls(name, is_first)
        return None

    def completed(self, columns: Mapping[str, Evidence], fields: dict[str, Any]) -> dict[str, Any]:
        """Adds to `fields`, and returns the map's other entries. Each variant is a product in one group if it has an id of its
        own; if few have one, all variants are one product."""
        identity = fields.get("product_id")
        if identity in (None, self.by) or _share(columns[identity].all.filter(self.is_first).is_not_null()) < ENOUGH:
            fields["product_id"] = self.by
            return {"one_per": self.by}
        fields.setdefault("variant_group", self.by)
        if columns[identity].filled == 1:
            return {}
        return {"refuse": [{"column": identity, "empty": True, "reason": f"not a variant: it has no {identity}"}]}

    def filled(self, columns: Mapping[str, Evidence], fields: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
        """Return the columns that further rows leave out. A variant's id and price are its own."""
        sources = [source for field, source in fields.items() if field not in ("product_id", "price", "currency")]
        used = dict.fromkeys(name for source in [*sources, *labels.values()] for name in columns_of(source))
        return {"by": self.by, "columns": [name for name in used if self._is_left_out(columns[name])]}

    def _is_left_out(self, column: Evidence) -> bool:
        filled = column.all.is_not_null()
        return _share(filled.filter(~self.is_first)) < ENOUGH * _share(filled.filter(self.is_first))


def _share(holds: pl.Series) -> float:
    return float(holds.sum() / holds.len())
