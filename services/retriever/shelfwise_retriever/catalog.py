"""The products themselves: by id, by row, and as the bytes they are answered with."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

import numpy as np
import orjson
import polars as pl

from shelfwise.errors import UnknownProduct
from shelfwise_retriever.groups import Rows

T = TypeVar("T")

_PART = 1_024

_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


class Catalog:
    """Rows are in popularity order, most popular first."""

    def __init__(self, products: pl.DataFrame) -> None:
        """`products` as `frame.tidy` makes them."""
        self.ids: list[str] = products["product_id"].to_list()
        self.titles: list[str] = products["title"].to_list()
        self._row_of = {product_id: row for row, product_id in enumerate(self.ids)}
        self._json = [line for part in products.iter_slices(_PART) for line in _json_lines(part)]

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, product_id: str) -> int:
        """Raises UnknownProduct."""
        row = self._row_of.get(product_id)
        if row is None:
            raise UnknownProduct(f"no product {product_id!r} in the catalog; check the id, or build a bundle if it is new")
        return row

    def known_rows(self, product_ids: Iterable[str]) -> Rows:
        """The rows of those that exist, each once."""
        found = {row for product_id in product_ids if (row := self._row_of.get(product_id)) is not None}
        return np.fromiter(found, np.int32, len(found))

    def ids_of(self, rows: Rows) -> list[str]:
        return list(_picked(self.ids, rows.tolist()))

    def json_of(self, row: int) -> bytes:
        """One product as a JSON object, absent fields left out."""
        return self._json[row]

    def lines_of(self, rows: Rows) -> Sequence[bytes]:
        """The products as JSON objects, in the order of `rows`."""
        return _picked(self._json, rows.tolist())


def _picked(values: list[T], rows: list[int]) -> Sequence[T]:
    # One call of itemgetter is a third of the time of a comprehension; for one row it answers no tuple.
    if len(rows) < 2:
        return [values[row] for row in rows]
    picked: Sequence[T] = itemgetter(*rows)(values)
    return picked


def _json_lines(products: pl.DataFrame) -> list[bytes]:
    # Split from one text, because each result of orjson by itself keeps the kilobyte that it was written in: ten times this.
    return b"\n".join(_serialized(product) for product in products.iter_rows(named=True)).split(b"\n")


def _serialized(product: dict[str, object]) -> bytes:
    attributes = product.pop("attributes")
    said = {name: value for name, value in product.items() if value is not None and value != []}
    if isinstance(attributes, str) and attributes not in ("", "{}"):
        said["attributes"] = orjson.Fragment(attributes)
    return orjson.dumps(said, option=_OPTIONS)
