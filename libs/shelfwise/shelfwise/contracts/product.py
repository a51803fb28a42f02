"""A product as the shop describes it."""

import hashlib
from datetime import datetime

from pydantic import Field

from shelfwise.contracts.base import Identifier, Message

ProductId = Identifier
"""The shop's own identifier; always text, also where the shop counts."""


class Product(Message):
    """One product. Only the id and the title are required."""

    product_id: ProductId
    title: str = Field(min_length=1, max_length=1000)
    description: str | None = None
    brand: str | None = None
    category: list[str] = Field(default_factory=list, description="The path, from broad to narrow.")
    price: float | None = Field(None, ge=0)
    currency: str | None = Field(None, min_length=3, max_length=3, description="ISO 4217 code.")
    image_url: str | None = None
    rating: float | None = Field(None, ge=0)
    rating_count: int | None = Field(None, ge=0)
    in_stock: bool = True
    attributes: dict[str, str] = Field(default_factory=dict)
    variant_group: str | None = Field(None, description="Products with the same value are variants of each other.")
    created_at: datetime | None = None


def seconds_of(created_at: datetime | str | None) -> float:
    """A product's created_at, as JSON has it or not, in seconds since 1970; NaN where it is unknown."""
    if isinstance(created_at, str):
        created_at = datetime.fromisoformat(created_at)
    return float("nan") if created_at is None else created_at.timestamp()


def document_text(title: str, category: list[str]) -> str:
    """The text that stands for a product in the vector space: its title, and its narrowest category unless the title says it.

    Brand and attributes stay out: they are matched word for word by the lexical source, and without them products of the
    same kind share one vector, which is computed and stored once.
    """
    if category and category[-1].casefold() not in title.casefold():
        return f"{title}. {category[-1]}"
    return title


def text_key(text: str) -> bytes:
    """What a text's vector is kept under in the database."""
    return hashlib.sha256(text.encode()).digest()
