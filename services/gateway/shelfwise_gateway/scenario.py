"""A scenario: what is asked, which sources answer, and how the answer is composed. `scenarios.yaml` explains each field."""

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shelfwise.contracts.base import NotBoolean
from shelfwise.contracts.filter import Filter
from shelfwise.contracts.product import ProductId
from shelfwise.contracts.recommend import MAX_TOP_K
from shelfwise.contracts.retrieve import EVERY_SOURCE, PER_TEXT, QuestionKind
from shelfwise_gateway.experiment import Experiment

ProductField = Literal["brand", "category"]
Sameness = Literal["title", "size", "variant_group"]

ShopperUse = Literal["ignored", "used", "expected", "essential"]
"""ignored: everybody gets the same. used: the history is used if a shopper is named. expected: a shopper must be named.
essential: as expected, and without the history there is no answer, so no trending products stand in."""

SUBJECTS: dict[QuestionKind, tuple[str, ...]] = {
    "text": ("product_name",),
    "product": ("product_id", "cart"),
    "together": ("product_id", "cart"),
    "user": (),
}
"""The request fields for each kind of question, one of which is needed."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _without_value(conditions: Filter) -> list[str]:
    """Conditions without a value, which would hold for every product: `brand:`, or `attributes: {}`."""
    return [name for name in sorted(conditions.model_fields_set) if getattr(conditions, name) in (None, {})]


class Shift(_Part):
    """Moves the products for which `where` holds by `places`.

    Places rather than points, since scores of a ranker and of a retriever have different scales.
    """

    where: Filter
    places: Annotated[int, Field(ge=1, le=1000), NotBoolean]

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not self.where.model_fields_set:
            raise ValueError("where: expected at least one condition such as {brand: Acme}, found none")
        if empty := _without_value(self.where):
            raise ValueError(f"where: expected a value for each condition, found none for {', '.join(empty)}")
        return self


class Pin(_Part):
    """Puts a product at a position, counted from 1."""

    product_id: ProductId
    position: Annotated[int, Field(ge=1, le=MAX_TOP_K), NotBoolean]


class Scenario(_Part):
    """How one kind of question is answered."""

    description: str = ""
    question: QuestionKind
    shopper: ShopperUse = "used"
    sources: tuple[str, ...] | None = Field(None, min_length=1)
    order: str = "ranker"
    reason: str | None = None
    top_k: Annotated[int, Field(ge=1, le=MAX_TOP_K), NotBoolean] = 10
    candidates: Annotated[int, Field(ge=1, le=1000), NotBoolean] = 100
    per_text: Annotated[int, Field(ge=1), NotBoolean] | None = PER_TEXT
    filter: Filter | None = None
    exclude_purchased: bool = False
    exclude_viewed: bool = False
    only_purchased: bool = False
    rest_hours: Annotated[float, Field(ge=0, le=8760), NotBoolean] = 0
    collapse: frozenset[Sameness] = frozenset()
    at_most: dict[ProductField, Annotated[int, Field(ge=1), NotBoolean]] = Field(default_factory=dict)
    boosts: tuple[Shift, ...] = ()
    buries: tuple[Shift, ...] = ()
    pins: tuple[Pin, ...] = ()
    when_weak: Literal["keep", "empty"] = "keep"
    experiment: Experiment | None = None

    @property
    def by_history(self) -> bool:
        """Whether some products are left out because of the shopper's history."""
        return self.exclude_purchased or self.exclude_viewed or self.only_purchased or self.rest_hours > 0

    @property
    def by_source(self) -> str | None:
        """The source whose score is the order; None if the ranker or the retriever orders."""
        return None if self.order in {"ranker", "retriever"} else self.order

    def conditions(self, asked: Filter | None) -> dict[str, Any] | None:
        """The filter of a request: its own conditions, and the scenario's for fields that it does not name."""
        if asked is None:
            return self._own_conditions
        return (self._own_conditions or {}) | asked.model_dump(exclude_none=True) or None

    @cached_property
    def _own_conditions(self) -> dict[str, Any] | None:
        return self.filter.model_dump(exclude_none=True) or None if self.filter is not None else None

    @model_validator(mode="after")
    def _one_place_each(self) -> Self:
        positions, products = {pin.position for pin in self.pins}, {pin.product_id for pin in self.pins}
        if len(positions) < len(self.pins) or len(products) < len(self.pins):
            raise ValueError("pins: expected each position and each product only once, found one twice")
        return self

    @field_validator("filter")
    @classmethod
    def _says_what(cls, conditions: Filter | None) -> Filter | None:
        if conditions is not None and (empty := _without_value(conditions)):
            raise ValueError(f"expected a value for each condition, found none for {', '.join(empty)}")
        return conditions

    @field_validator("sources")
    @classmethod
    def _known_sources(cls, sources: tuple[str, ...] | None) -> tuple[str, ...] | None:
        unknown = sorted({*(sources or ())} - EVERY_SOURCE)
        if unknown:
            raise ValueError(f"expected some of {', '.join(sorted(EVERY_SOURCE))}, found {', '.join(map(repr, unknown))}")
        return sources

    @model_validator(mode="after")
    def _known_order(self) -> Self:
        if self.by_source is not None and self.order not in (self.sources or ()):
            known = ", ".join(("ranker", "retriever", *(self.sources or ())))
            raise ValueError(f"order: expected one of {known} (a source only if `sources` names it), found {self.order!r}")
        return self

    @model_validator(mode="after")
    def _can_be_weak(self) -> Self:
        if self.when_weak == "empty" and (self.question != "text" or self.order != "ranker"):
            raise ValueError(
                "when_weak: expected keep, since only scenarios with question text and order ranker can be empty, found 'empty'"
            )
        return self

    @model_validator(mode="after")
    def _knows_the_shopper(self) -> Self:
        if self.by_history and self.shopper == "ignored":
            raise ValueError(
                "shopper: expected used, expected or essential, since the history decides what is excluded, found 'ignored'"
            )
        if self.exclude_purchased and self.only_purchased:
            raise ValueError("expected exclude_purchased or only_purchased, found both, which leaves nothing")
        return self
