"""Which products satisfy a filter: columns made ready once, a mask per filter."""

from collections.abc import Iterable, Mapping

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.filter import Filter, Range
from shelfwise.errors import InvalidRequest
from shelfwise_retriever.allowed import FilterMask
from shelfwise_retriever.groups import Mask, Rows

Postings = dict[str, Rows]
"""A value, case folded, and the rows that have it."""

_NAMES_SHOWN = 20


class Filters:
    """Words are looked up (value to rows), ranges are compared (a column each)."""

    def __init__(self, products: pl.DataFrame) -> None:
        """`products` as `frame.tidy` makes them."""
        self._size = products.height
        numbered = products.with_row_index("row")
        self._category = _postings(numbered.select("row", value="category").explode("value"))
        self._brand = _postings(numbered.select("row", value="brand"))
        self._attributes = _attribute_postings(numbered.select("row", value="attributes"))
        self._price = _column(products["price"])
        self._rating = _column(products["rating"])
        self._in_stock = products["in_stock"].to_numpy().astype(np.bool_)

    def mask(self, wanted: Filter) -> FilterMask:
        """The rows for which all conditions hold.

        Raises:
            InvalidRequest: an attribute that no product has.
        """
        conditions: list[Mask] = []
        unknown: list[str] = []
        if wanted.category is not None:
            conditions.append(self._any("category", self._category, wanted.category, unknown))
        if wanted.brand is not None:
            conditions.append(self._any("brand", self._brand, wanted.brand, unknown))
        for name, values in (wanted.attributes or {}).items():
            conditions.append(self._any(name, self._values_of(name), values, unknown))
        if wanted.price is not None:
            conditions.append(_within(self._price, wanted.price))
        if wanted.rating is not None:
            conditions.append(_within(self._rating, wanted.rating))
        if wanted.in_stock is not None:
            conditions.append(self._in_stock == wanted.in_stock)
        rows = conditions[0] if conditions else np.ones(self._size, np.bool_)
        for condition in conditions[1:]:
            rows = rows & condition
        return FilterMask(rows, unknown)

    def _values_of(self, attribute: str) -> Postings:
        values = self._attributes.get(attribute.casefold())
        if values is None:
            names = sorted(self._attributes)
            shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
            raise InvalidRequest(
                f"filter.attributes: expected attributes of this catalog ({shown or 'it has none'}), found {attribute!r}"
            )
        return values

    def _any(self, name: str, postings: Postings, words: Iterable[str], unknown: list[str]) -> Mask:
        """Rows with at least one of `words`; those that no row has are added to `unknown`."""
        mask = np.zeros(self._size, np.bool_)
        missing = []
        for word in words:
            rows = postings.get(word.casefold())
            if rows is None:
                missing.append(f"{name} {word!r}")
            else:
                mask[rows] = True
        unknown += missing
        return mask


def _within(column: NDArray[np.float64], wanted: Range) -> Mask:
    low = -np.inf if wanted.min is None else wanted.min
    high = np.inf if wanted.max is None else wanted.max
    # NaN (the product says nothing) compares false with everything.
    return (column >= low) & (column <= high)


def _column(values: pl.Series) -> NDArray[np.float64]:
    return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _postings(values: pl.DataFrame) -> Postings:
    """From pairs (row, value)."""
    grouped = values.drop_nulls().group_by("value").agg("row")
    return _joined((value.casefold(), _rows(rows)) for value, rows in zip(*grouped.select("value", "row"), strict=True))


def _attribute_postings(values: pl.DataFrame) -> Mapping[str, Postings]:
    """By attribute name, from pairs (row, JSON object); every distinct object is parsed once."""
    pairs: dict[str, list[tuple[str, Rows]]] = {}
    grouped = values.drop_nulls().group_by("value").agg("row")
    for text, rows in zip(*grouped.select("value", "row"), strict=True):
        for name, value in orjson.loads(text).items():
            pairs.setdefault(name.casefold(), []).append((str(value).casefold(), _rows(rows)))
    return {name: _joined(found) for name, found in pairs.items()}


def _joined(found: Iterable[tuple[str, Rows]]) -> Postings:
    parts: dict[str, list[Rows]] = {}
    for value, rows in found:
        parts.setdefault(value, []).append(rows)
    return {value: np.sort(np.concatenate(rows)) if len(rows) > 1 else rows[0] for value, rows in parts.items()}


def _rows(rows: pl.Series) -> Rows:
    return rows.to_numpy().astype(np.int32)
