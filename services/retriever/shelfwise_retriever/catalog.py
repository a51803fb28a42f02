"""The products themselves: by id, by row, and as the bytes sent in answers."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np
import orjson
import polars as pl

from shelfwise.errors import UnknownProduct
from shelfwise.values import folded
from shelfwise_retriever.column import Column
from shelfwise_retriever.frame import COLUMNS
from shelfwise_retriever.groups import Rows

T = TypeVar("T")

_PART = 1_024

_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z


class Catalog:
    """The products by row, most popular first. Products change in place and keep their row, so that anything computed by row
    stays valid."""

    def __init__(self, products: pl.DataFrame) -> None:
        """`products` as `frame.tidy` makes them."""
        self.built = products.height
        """Number of rows in the bundle; later rows are later products, less popular than all of these."""
        self.gone = 0
        """How many rows no longer hold a product."""
        self.ids: list[str] = products["product_id"].to_list()
        self.titles: list[str] = products["title"].to_list()
        self._row_of = {product_id: row for row, product_id in enumerate(self.ids)}
        self._ids_of: dict[str, tuple[str, ...]] = {}
        """Ids that differ from their folded form, by that form; of several ids with the same form the first counts."""
        for product_id in self.ids:
            self._may_be_typed(product_id)
        self._json = [line for part in products.iter_slices(_PART) for line in _json_lines(part)]  # without descriptions
        # By row. Descriptions are most of a product's data, and nobody reads them for the many candidates of an answer.
        self._descriptions = {row: text for row, text in enumerate(products["description"].to_list()) if text is not None}
        self._variant_groups = {
            row: group for row, group in enumerate(products["variant_group"].to_list()) if group is not None
        }
        self._there = Column(np.ones(products.height, np.bool_))
        self._old_rows: dict[str, int] = {}  # of the bundle's products that are gone
        self._free_rows: list[int] = []  # of later products that are gone

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, product_id: str) -> int | None:
        return self._row_of.get(product_id)

    def find_typed(self, text: str) -> int | None:
        """The row of the product whose id was typed, compared as `values.folded`; an exact match takes precedence."""
        typed = text.strip()
        row = self._row_of.get(typed)
        if row is None:
            form = folded(typed)
            row = self._row_of.get(form)
            if row is None and (alike := self._ids_of.get(form)) is not None:
                row = self._row_of[alike[0]]
        return row

    def is_there(self, row: int) -> bool:
        return bool(self._there.values[row])

    def lines(self) -> list[bytes]:
        """The products of all rows, as `lines_of` has them; rows without a product have their last one."""
        return list(self._json)

    def put(self, product: dict[str, Any]) -> int:
        """Add or replace a product (the fields of the product contract); return its row.

        A new product comes after all others in popularity order; a product of the bundle that returns gets its old row.
        """
        product_id = product["product_id"]
        row = self._row_of.get(product_id)
        if row is None:
            row = self._row_for(product_id)
            self._row_of[product_id] = row
            self._may_be_typed(product_id)
            self._there.put(row, True, False)
            self.ids[row] = product_id
        self.titles[row] = product["title"]
        self._json[row] = _written(product)
        if (description := product.get("description")) is not None:
            self._descriptions[row] = description
        else:
            self._descriptions.pop(row, None)
        if (group := product.get("variant_group")) is not None:
            self._variant_groups[row] = group
        else:
            self._variant_groups.pop(row, None)
        return row

    def remove(self, product_id: str) -> int | None:
        """Remove a product; return the row that it had, or None if there was none."""
        row = self._row_of.pop(product_id, None)
        if row is None:
            return None
        self._is_typed_no_more(product_id)
        self.gone += 1
        self._there.put(row, False, False)
        if row < self.built:
            self._old_rows[product_id] = row
        else:
            self._free_rows.append(row)
        return row

    def _may_be_typed(self, product_id: str) -> None:
        if (form := folded(product_id)) != product_id:
            self._ids_of[form] = (*self._ids_of.get(form, ()), product_id)

    def _is_typed_no_more(self, product_id: str) -> None:
        if (form := folded(product_id)) != product_id:
            self._ids_of[form] = tuple(alike for alike in self._ids_of[form] if alike != product_id)
            if not self._ids_of[form]:
                del self._ids_of[form]

    def _row_for(self, product_id: str) -> int:
        row = self._old_rows.pop(product_id, None)
        if row is None and self._free_rows:
            row = self._free_rows.pop()
        if row is not None:
            self.gone -= 1
            return row
        self.ids.append(product_id)
        self.titles.append("")
        self._json.append(b"")
        return len(self.ids) - 1

    def product(self, row: int) -> dict[str, Any]:
        """One product, absent fields left out."""
        product: dict[str, Any] = orjson.loads(self._json[row])
        if (description := self._descriptions.get(row)) is not None:
            product["description"] = description
        return product

    def known_by(self, row: int) -> dict[str, Any]:
        """What a product and its variants have in common: `contracts.retrieve.LeftOut`."""
        said = {"product_id": self.ids[row], "title": self.titles[row]}
        return {**said, "variant_group": group} if (group := self._variant_groups.get(row)) is not None else said

    def row(self, product_id: str) -> int:
        """The product's row; raises UnknownProduct."""
        row = self._row_of.get(product_id)
        if row is None:
            raise UnknownProduct(f"no product {product_id!r} in the catalog; check the id")
        return row

    def known_rows(self, product_ids: Iterable[str]) -> Rows:
        """The rows of the products that exist, each once."""
        found = {row for product_id in product_ids if (row := self._row_of.get(product_id)) is not None}
        return np.fromiter(found, np.int32, len(found))

    def rows_of(self, product_ids: Sequence[str]) -> Rows:
        """[k]: the row of each product, -1 for one that does not exist."""
        return np.array(list(map(self._row_of.get, product_ids, repeat(-1))), np.int32)

    def ids_of(self, rows: Rows) -> list[str]:
        return list(_picked(self.ids, rows.tolist()))

    def json_of(self, row: int) -> bytes:
        """One product as a JSON object, absent fields left out."""
        return orjson.dumps(self.product(row)) if row in self._descriptions else self._json[row]

    def lines_of(self, rows: Rows) -> Sequence[bytes]:
        """The products as JSON objects without descriptions, in the order of `rows`."""
        return _picked(self._json, rows.tolist())


def _picked(values: list[T], rows: list[int]) -> Sequence[T]:
    # One itemgetter call takes a third of the time of a comprehension; for a single row it does not return a tuple.
    if len(rows) < 2:
        return [values[row] for row in rows]
    picked: Sequence[T] = itemgetter(*rows)(values)
    return picked


def _json_lines(products: pl.DataFrame) -> list[bytes]:
    # Split from one text, because a separate result of orjson keeps its kilobyte of buffer: ten times the memory.
    return b"\n".join(_serialized(product) for product in products.drop("description").iter_rows(named=True)).split(b"\n")


def _written(product: dict[str, Any]) -> bytes:
    """A line of `Catalog`, from the fields of the product contract."""
    attributes = product.get("attributes")
    columns = {name: product.get(name) for name in COLUMNS if name != "description"}
    return _serialized({**columns, "attributes": orjson.dumps(attributes).decode() if attributes else None})


def _serialized(product: dict[str, object]) -> bytes:
    attributes = product.pop("attributes")
    said = {name: value for name, value in product.items() if value is not None and value != []}
    if isinstance(attributes, str) and attributes not in ("", "{}"):
        said["attributes"] = orjson.Fragment(attributes)
    return orjson.dumps(said, option=_OPTIONS)
