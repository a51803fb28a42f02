"""A product as the shop describes it."""

import hashlib
from datetime import datetime
from typing import Final

from pydantic import Field

from shelfwise.contracts.base import Identifier, Message

ProductId = Identifier
"""The shop's own identifier; always text, also where the shop counts."""


ABOUT: Final[dict[str, str]] = {
    "product_id": "Your shop's own id of the product.",
    "title": "The product's name. Text queries search it.",
    "description": "A longer text. Text queries do not search it. Recommendations leave it out; GET /products/{product_id} "
    "returns it.",
    "brand": "The brand. Text queries search it.",
    "category": "The path, from broad to narrow. Text queries search it.",
    "price": "The price in `currency`.",
    "currency": "ISO 4217 code.",
    "image_url": "Address of an image: http or https.",
    "rating": "The average rating by shoppers, on your shop's own scale. Higher is better.",
    "rating_count": "Number of ratings.",
    "in_stock": "Whether the product can be ordered. A filter on `in_stock` uses it.",
    "attributes": "Further values by name, such as a color or a size. You can filter by them; text queries do not search them.",
    "variant_group": "Products with the same value are variants of each other.",
    "created_at": "When the product was added to the shop. The filter `added_within_days` uses it.",
}
"""What each field of a product means, for all messages that have it."""

ABSENT: Final = "Absent if unknown."


class Product(Message):
    """One product. Only the id and the title are required."""

    product_id: ProductId = Field(description=ABOUT["product_id"])
    title: str = Field(min_length=1, max_length=1000, description=ABOUT["title"])
    description: str | None = Field(None, description=f"{ABOUT['description']} {ABSENT}")
    brand: str | None = Field(None, description=f"{ABOUT['brand']} {ABSENT}")
    category: list[str] = Field(default_factory=list, description=f"{ABOUT['category']} {ABSENT}")
    price: float | None = Field(None, ge=0, description=f"{ABOUT['price']} {ABSENT}")
    currency: str | None = Field(None, min_length=3, max_length=3, description=f"{ABOUT['currency']} {ABSENT}")
    image_url: str | None = Field(None, description=f"{ABOUT['image_url']} {ABSENT}")
    rating: float | None = Field(None, ge=0, description=f"{ABOUT['rating']} {ABSENT}")
    rating_count: int | None = Field(None, ge=0, description=f"{ABOUT['rating_count']} {ABSENT}")
    in_stock: bool = Field(True, description=ABOUT["in_stock"])
    attributes: dict[str, str] = Field(default_factory=dict, description=f"{ABOUT['attributes']} Absent if there are none.")
    variant_group: str | None = Field(None, description=f"{ABOUT['variant_group']} {ABSENT}")
    created_at: datetime | None = Field(None, description=f"{ABOUT['created_at']} {ABSENT}")


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
