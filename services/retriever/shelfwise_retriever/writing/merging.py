"""What a product is after a write, given its state before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shelfwise.contracts.product_write import ProductPatch, ProductWrite
from shelfwise.errors import UnknownProduct

Product = dict[str, Any]
"""All fields of the product contract."""

_CLEARED: dict[str, Any] = {"category": [], "in_stock": True, "attributes": {}}
_PRICE_DECIMALS = 4
"""Decimals of a price, as the database stores it."""


@dataclass(frozen=True, slots=True)
class Write:
    """A put, patch or delete of one product; `fields` are those that were given."""

    kind: Literal["put", "patch", "delete"]
    product_id: str
    fields: dict[str, Any]

    @classmethod
    def put(cls, product_id: str, product: ProductWrite) -> "Write":
        return cls("put", product_id, {**product.model_dump(), "product_id": product_id})

    @classmethod
    def patch(cls, product_id: str, patch: ProductPatch) -> "Write":
        return cls("patch", product_id, patch.model_dump(exclude_unset=True))

    @classmethod
    def delete(cls, product_id: str) -> "Write":
        return cls("delete", product_id, {})


def after(write: Write, before: Product | None, now: datetime) -> Product | None:
    """The product after the write; None if it is deleted.

    Raises:
        UnknownProduct: there is no product to patch or delete.
    """
    if write.kind == "put":
        created_at = write.fields["created_at"] or (now if before is None else before.get("created_at"))
        return _stored({**write.fields, "created_at": created_at})
    if before is None:
        or_write_it = ", or put the whole product" if write.kind == "patch" else ""
        raise UnknownProduct(f"no product {write.product_id!r} in the catalog; check the id{or_write_it}")
    if write.kind == "delete":
        return None
    given = {name: _CLEARED.get(name) if value is None else value for name, value in write.fields.items()}
    if write.fields.get("attributes") is not None:
        merged = {**before["attributes"], **write.fields["attributes"]}
        given["attributes"] = {name: value for name, value in merged.items() if value is not None}
    return _stored({**before, **given})


def _stored(product: Product) -> Product:
    """The product as the database will return it, so that the two can be compared."""
    price = product["price"]
    return {**product, "price": None if price is None else round(price, _PRICE_DECIMALS)}
