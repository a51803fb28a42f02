"""What an answer must satisfy."""

import time
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from shelfwise.contracts.base import Composed, Message, NotBoolean
from shelfwise.contracts.product import seconds_of
from shelfwise.values import folded


def _listed(value: object) -> object:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple):  # in YAML, `size: 12` is a number, and a list is not what it lacks
        raise PydanticCustomError("no_text", "expected text in quotes, or a list of such texts")
    return value


_Word = Annotated[str, Field(min_length=1, max_length=200), Composed]
_Words = Annotated[list[_Word], Field(min_length=1, max_length=100)]

OneOrMore = Annotated[_Words, BeforeValidator(_listed, json_schema_input_type=_Word | _Words)]
"""A word or a list of words; any of them will do. Compared as `values.folded`."""

_MOST_ATTRIBUTES = 20


def _few(attributes: object) -> object:
    """Counted before each of them is looked at: a hundred thousand fit into a body, and would take a second."""
    if isinstance(attributes, dict) and len(attributes) > _MOST_ATTRIBUTES:
        raise ValueError(f"expected at most {_MOST_ATTRIBUTES} attributes, found {len(attributes)}")
    return attributes


_Attributes = Annotated[
    Annotated[dict[Annotated[str, Composed], OneOrMore], Field(max_length=_MOST_ATTRIBUTES)], BeforeValidator(_few)
]

_HOUR_S = 3600
_DAY_S = 86_400


class Range(Message):
    """A range that includes its ends. Leave out `min` or `max` for an open end."""

    min: Annotated[FiniteFloat, NotBoolean] | None = Field(None, description="The lowest value that satisfies the condition.")
    max: Annotated[FiniteFloat, NotBoolean] | None = Field(None, description="The highest value that satisfies the condition.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("expected min, max or both, found neither")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"expected min <= max, found min {self.min} and max {self.max}")
        return self


class Filter(Message):
    """All given conditions must hold. A product without a value (no price, no rating) fails a condition on that value.

    If a condition lists several words, one of them is enough. Case, the kind of apostrophe, extra blanks and variants of
    characters do not matter, not even in the names of attributes. Accents do matter.
    """

    category: OneOrMore | None = Field(None, description="A category on any level of the product's path.")
    brand: OneOrMore | None = Field(None, description="The product's brand.")
    price: Range | None = Field(None, description="The product's price, whatever its currency.")
    rating: Range | None = Field(None, description="The product's rating, on your shop's own scale.")
    in_stock: bool | None = Field(None, description="true: only products in stock. false: only products out of stock.")
    attributes: _Attributes | None = Field(
        None, description="Accepted values by attribute name. A product must satisfy the condition on every named attribute."
    )
    added_within_days: Annotated[float, Field(gt=0, le=36_500), NotBoolean] | None = Field(
        None, description="The product's created_at is at most this many days ago, to the hour."
    )

    @property
    def added_since(self) -> float | None:
        """From which time on, in seconds since 1970, a product must have been added. The same for a whole hour, so that what
        passes may be kept so long."""
        if self.added_within_days is None:
            return None
        return time.time() // _HOUR_S * _HOUR_S - self.added_within_days * _DAY_S

    # Folded once: a scenario's conditions are compared with every candidate of every answer.

    @cached_property
    def _categories(self) -> frozenset[str] | None:
        return _folded(self.category)

    @cached_property
    def _brands(self) -> frozenset[str] | None:
        return _folded(self.brand)

    @cached_property
    def _values(self) -> list[tuple[str, frozenset[str]]]:
        return [(folded(name), frozenset(map(folded, values))) for name, values in (self.attributes or {}).items()]

    def holds_for(self, product: Mapping[str, Any]) -> bool:
        """Does `product`, a `contracts.product.Product` as JSON, satisfy it? For the odd product; whole catalogs have masks."""
        return (
            _any(self._categories, product.get("category") or ())
            and _any(self._brands, [product["brand"]] if product.get("brand") else ())
            and _within(self.price, product.get("price"))
            and _within(self.rating, product.get("rating"))
            and self.in_stock in {None, product.get("in_stock", True)}
            and (not self._values or _each(self._values, product.get("attributes") or {}))
            and _since(self.added_since, product.get("created_at"))
        )


def _folded(words: list[str] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(map(folded, words))


# The same few values are in every answer. What callers ask for is not kept: it may be long, and another every time.
_of_product = lru_cache(maxsize=8192)(folded)


def _any(wanted: frozenset[str] | None, found: Iterable[str]) -> bool:
    return wanted is None or any(_of_product(word) in wanted for word in found)


def _within(wanted: Range | None, found: float | None) -> bool:
    if wanted is None:
        return True
    if found is None:
        return False
    return (wanted.min is None or found >= wanted.min) and (wanted.max is None or found <= wanted.max)


def _since(wanted: float | None, created_at: str | datetime | None) -> bool:
    return wanted is None or seconds_of(created_at) >= wanted  # NaN, where it is unknown, is not


def _each(wanted: Collection[tuple[str, frozenset[str]]], attributes: Mapping[str, str]) -> bool:
    found: dict[str, list[str]] = {}
    for name, value in attributes.items():
        found.setdefault(_of_product(name), []).append(value)
    return all(_any(values, found.get(name, ())) for name, values in wanted)
