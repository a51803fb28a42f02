"""Which products satisfy a filter: columns are prepared once, and each filter becomes a mask."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shelfwise.contracts.filter import Filter, Range
from shelfwise.contracts.product import seconds_of
from shelfwise.values import folded
from shelfwise_retriever.allowed import FilterMask
from shelfwise_retriever.column import Column
from shelfwise_retriever.groups import Mask
from shelfwise_retriever.postings import Postings, attribute_postings_of, postings_of

_NAMES_SHOWN = 20
_MICROSECONDS = 1_000_000
_NONE = Postings()


class Filters:
    """Looks up words in postings (value to rows) and compares ranges with one column each."""

    def __init__(self, products: pl.DataFrame) -> None:
        """`products` as `frame.tidy` makes them."""
        numbered = products.with_row_index("row")
        self._columns = {
            "category": postings_of(numbered.select("row", value="category").explode("value")),
            "brand": postings_of(numbered.select("row", value="brand")),
        }
        self._attributes = attribute_postings_of(numbered.select("row", value="attributes"))
        self._price = Column(_numbers(products["price"]))
        self._rating = Column(_numbers(products["rating"]))
        self._created_s = Column(_numbers(products["created_at"].dt.epoch("us")) / _MICROSECONDS)
        self._in_stock = Column(products["in_stock"].to_numpy().astype(np.bool_))
        self._there = Column(np.ones(products.height, np.bool_))

    def put(self, row: int, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
        """Record that a row's product is new (`before` None) or changed; both as in the product contract."""
        self._list(row, before or {}, after)
        self._price.put(row, _number(after.get("price")), np.nan)
        self._rating.put(row, _number(after.get("rating")), np.nan)
        self._created_s.put(row, seconds_of(after.get("created_at")), np.nan)
        self._in_stock.put(row, after.get("in_stock", True), False)
        self._there.put(row, True, False)

    def remove(self, row: int, before: dict[str, Any]) -> None:
        """Make the row satisfy no filter any more."""
        self._list(row, before, {})
        self._there.put(row, False, False)

    def _list(self, row: int, before: dict[str, Any], after: dict[str, Any]) -> None:
        old, new = set(_words_of(before)), set(_words_of(after))
        for name, attribute, value in old - new:
            named = name == "attributes"
            postings = self._attributes.get(attribute, _NONE) if named else self._columns[name]
            postings.discard(value, row)
            if named and not len(postings):
                self._attributes.pop(attribute, None)
        for name, attribute, value in new - old:
            named = name == "attributes"
            postings = self._attributes.setdefault(attribute, Postings()) if named else self._columns[name]
            postings.add(value, row)

    def mask(self, wanted: Filter) -> FilterMask:
        """The rows for which all conditions hold."""
        conditions: list[Mask] = []
        unknown: list[str] = []
        if wanted.category is not None:
            conditions.append(self._any("category", self._columns["category"], wanted.category, unknown))
        if wanted.brand is not None:
            conditions.append(self._any("brand", self._columns["brand"], wanted.brand, unknown))
        for name, values in (wanted.attributes or {}).items():
            conditions.append(self._attribute(name, values, unknown))
        if wanted.price is not None:
            conditions.append(_within(self._price.values, wanted.price))
        if wanted.rating is not None:
            conditions.append(_within(self._rating.values, wanted.rating))
        if (since := wanted.added_since) is not None:
            conditions.append(self._created_s.values >= since)
        if wanted.in_stock is not None:
            conditions.append(self._in_stock.values == wanted.in_stock)
        rows = self._there.values.copy()
        for condition in conditions:
            rows &= condition
        return FilterMask(rows, unknown)

    def _attribute(self, attribute: str, values: Iterable[str], unknown: list[str]) -> Mask:
        """As `_any`. An attribute that no product has is reported as unknown too, because the catalog changes."""
        postings = self._attributes.get(folded(attribute))
        if postings is not None:
            return self._any(attribute, postings, values, unknown)
        names = sorted(self._attributes)
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
        unknown.append(f"the attribute {attribute!r} (those of this catalog: {shown or 'none'})")
        return np.zeros(len(self._there), np.bool_)

    def _any(self, name: str, postings: Postings, words: Iterable[str], unknown: list[str]) -> Mask:
        """Rows with at least one of `words`; words that no row has are added to `unknown`."""
        mask = np.zeros(len(self._there), np.bool_)
        missing = []
        for word in words:
            rows = postings.get(folded(word))
            if rows is None:
                missing.append(f"{name} {word!r}")
            else:
                mask[rows] = True
        unknown += missing
        return mask


def _within(column: NDArray[np.float64], wanted: Range) -> Mask:
    low = -np.inf if wanted.min is None else wanted.min
    high = np.inf if wanted.max is None else wanted.max
    # NaN (the product has no value) compares false with everything.
    return (column >= low) & (column <= high)


def _words_of(product: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, attribute name or "", value) of everything that is looked up by words; all folded."""
    for category in product.get("category") or ():
        yield "category", "", folded(category)
    if brand := product.get("brand"):
        yield "brand", "", folded(brand)
    for name, value in (product.get("attributes") or {}).items():
        yield "attributes", folded(name), folded(str(value))


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _numbers(values: pl.Series) -> NDArray[np.float64]:
    return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
