"""What an answer must satisfy."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from shelfwise.contracts.base import Message


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


OneOrMore = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200)]], BeforeValidator(_listed), Field(min_length=1, max_length=100)
]
"""A word or a list of words; any of them will do. Case does not matter."""


class Range(Message):
    """A closed range; an open end is left out."""

    min: FiniteFloat | None = None
    max: FiniteFloat | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("expected min, max or both, found neither")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"expected min <= max, found min {self.min} and max {self.max}")
        return self


class Filter(Message):
    """All given conditions must hold; a product that lacks the value (no price, no rating) fails a condition on it."""

    category: OneOrMore | None = Field(None, description="On any level of the category path.")
    brand: OneOrMore | None = None
    price: Range | None = None
    rating: Range | None = None
    in_stock: bool | None = None
    attributes: dict[str, OneOrMore] | None = Field(None, max_length=20)
